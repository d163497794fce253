with

fine_known_for as (select producer_id, cluster_id, parent_cluster_id from {{ ref('fine_known_for') }}),
producers as (select producer_id, screen_name, follower_count from {{ ref('producers') }}),
clusters as (select cluster_id, cluster_name from {{ ref('clusters') }}),

ranked_members as (
    select
        fine_known_for.cluster_id,
        fine_known_for.parent_cluster_id,
        coalesce(producers.screen_name, cast(producers.producer_id as string)) as producer_name,
        {{ rank_per('fine_known_for.cluster_id', 'producers.follower_count', 'producers.producer_id') }} as name_rank

    from fine_known_for

    inner join producers on fine_known_for.producer_id = producers.producer_id
),

members as (
    select
        cluster_id,
        parent_cluster_id,
        count(*) as producer_count,
        max(case when name_rank = 1 then producer_name end) as best_known_producer

    from ranked_members

    group by cluster_id, parent_cluster_id
),

fine_clusters as (
    select
        members.cluster_id,
        members.parent_cluster_id,
        concat('around ', members.best_known_producer) as cluster_name,
        clusters.cluster_name as parent_cluster_name,
        members.producer_count

    from members

    left join clusters on members.parent_cluster_id = clusters.cluster_id
)

select * from fine_clusters
