with

edges as (select consumer_id, producer_id, is_followed, fav_score from {{ ref('int_user_producer_edges') }}),
producers as (select producer_id, follower_norm from {{ ref('producers') }}),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_cut_edges'),

large_consumers as (
    select consumer_id

    from edges

    group by consumer_id

    having count(*) > (select limits.items_per_group from limits)
),

scored_edges as (
    select
        edges.consumer_id,
        edges.producer_id,
        edges.fav_score,
        case when edges.is_followed then 1.0 / nullif(producers.follower_norm, 0) else 0.0 end as follow_score

    from edges

    inner join large_consumers on edges.consumer_id = large_consumers.consumer_id
    inner join producers on edges.producer_id = producers.producer_id
),

{# After the favs, the less followed producer stays: following it says more about the consumer. #}
cut_edges as (
    select consumer_id, producer_id

    from scored_edges

    qualify {{ rank_per('consumer_id', ['fav_score', 'follow_score'], 'producer_id') }} > (select limits.items_per_group from limits)
)

select * from cut_edges
