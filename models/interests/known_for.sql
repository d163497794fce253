{{ config(cluster_by = ['producer_id']) }}
with

known_for_before_opt_outs as (select producer_id, cluster_id, known_for_score from {{ ref('known_for_before_opt_outs') }}),
opted_out_clusters as (select user_id, cluster_id from {{ ref('opted_out_clusters') }} where opt_out_kind = 'known_for'),

{# The producer leaves and the scores stay, so the community stays what it is. #}
kept_producers as (
    select known_for.producer_id, known_for.cluster_id, known_for.known_for_score

    from known_for_before_opt_outs as known_for

    left join opted_out_clusters
        on known_for.producer_id = opted_out_clusters.user_id
            and known_for.cluster_id = opted_out_clusters.cluster_id

    where opted_out_clusters.user_id is null
),

ranked_producers as (
    select
        producer_id,
        cluster_id,
        {{ rank_per('cluster_id', 'known_for_score', 'producer_id') }} as producer_rank,
        known_for_score

    from kept_producers
)

select * from ranked_producers
