{#
    Products of these scores are cosines, because the norms are over the rows that are left. Those of interested_in are over all proven
    consumers.
#}
with

consumer_scores as (select consumer_score, consumer_id, cluster_id, interested_in_score from {{ ref('consumer_scores') }}),

normalized_scores as (
    select
        consumer_score,
        consumer_id,
        cluster_id,
        interested_in_score
        / sqrt(sum(interested_in_score * interested_in_score) over (partition by consumer_score, cluster_id))
            as interested_in_score

    from consumer_scores
)

select * from normalized_scores
