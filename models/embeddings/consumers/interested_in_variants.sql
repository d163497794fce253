{{ config(materialized = 'view') }}

with

variant_scores as (
    select
        interest_type, consumer_id, cluster_id, cluster_rank,
        {{ interest_scores() | join(', ') }}, followed_producer_count, faved_producer_count
    from {{ ref('int_interest_variant_scores') }}
),
tie_ranks as (select interest_type, consumer_id, cluster_id, cluster_rank from {{ ref('int_interest_tie_ranks') }}),
cluster_norms as (
    select
        interest_type, cluster_id, interested_consumer_count,
        {{ interest_scores() | join('_norm, ') }}_norm
    from {{ ref('int_interest_cluster_norms') }}
),

ranked_clusters as (
    select
        scores.interest_type,
        scores.consumer_id,
        scores.cluster_id,
        coalesce(scores.cluster_rank, tie_ranks.cluster_rank) as cluster_rank,
        {{ normalized_interest_scores() }}

    from variant_scores as scores

    inner join cluster_norms as norms
        on scores.interest_type = norms.interest_type
            and scores.cluster_id = norms.cluster_id

    left join tie_ranks
        on scores.interest_type = tie_ranks.interest_type
            and scores.consumer_id = tie_ranks.consumer_id
            and scores.cluster_id = tie_ranks.cluster_id

    where coalesce(scores.cluster_rank, tie_ranks.cluster_rank) is not null
)

select * from ranked_clusters
