with

known_clusters as (select distinct cluster_id from {{ ref('known_for') }}),

unknown_interests as (
    select interested_in.consumer_id, interested_in.cluster_id

    from {{ ref('interested_in') }} as interested_in

    left join known_clusters on interested_in.cluster_id = known_clusters.cluster_id

    where known_clusters.cluster_id is null
)

select * from unknown_interests
