{# Each run writes its own rows, because today's tables cannot describe yesterday's communities. #}
with

as_of as (select as_of from {{ ref('stg_as_of') }}),

clusters as (
    select
        cluster_id, cluster_name, producer_count, follower_count, interested_consumer_count, fav_consumer_count, weighted_recall,
        relative_precision
    from {{ ref('clusters') }}
),

dated_clusters as (
    select
        as_of.as_of, clusters.cluster_id, clusters.cluster_name, clusters.producer_count, clusters.follower_count,
        clusters.interested_consumer_count, clusters.fav_consumer_count, clusters.weighted_recall, clusters.relative_precision

    from clusters

    cross join as_of
)

select * from dated_clusters
