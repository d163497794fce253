{{ config(materialized = 'view') }}

with

variant_scores as (
    select
        interest_type, consumer_id, cluster_id, cluster_rank,
        {{ interest_scores() | join(', ') }}, followed_producer_count, faved_producer_count
    from {{ ref('int_interest_variant_scores') }} where cluster_rank is not null
),
cluster_norms as (
    select
        interest_type, cluster_id, interested_consumer_count,
        {{ interest_scores() | join('_norm, ') }}_norm
    from {{ ref('int_interest_variant_norms') }}
),

ranked_clusters as (
    select
        scores.interest_type,
        scores.consumer_id,
        scores.cluster_id,
        scores.cluster_rank,
        {{ normalized_interest_scores() }}

    from variant_scores as scores

    inner join cluster_norms as norms
        on scores.interest_type = norms.interest_type
            and scores.cluster_id = norms.cluster_id
)

select * from ranked_clusters
