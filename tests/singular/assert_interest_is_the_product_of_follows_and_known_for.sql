{{ config(tags = ['audit']) }}

{# U = A V once more, from the cleaned follows, for consumers whose follows all fit under the cut of the graph. #}
with

limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_cut_edges'),
follows as (select consumer_id, producer_id from {{ ref('stg_follows') }}),
known_for as (select producer_id, cluster_id, known_for_score from {{ ref('known_for') }}),
graph_sizes as (select consumer_id, count(*) as neighbor_count from {{ ref('user_user_graph') }} group by consumer_id),

products as (
    select
        follows.consumer_id,
        known_for.cluster_id,
        sum(known_for.known_for_score) as expected_score

    from follows

    inner join known_for on follows.producer_id = known_for.producer_id

    group by follows.consumer_id, known_for.cluster_id
),

differences as (
    select
        interested_in.consumer_id,
        interested_in.cluster_id,
        interested_in.follow_score,
        coalesce(products.expected_score, 0) as expected_score

    from {{ ref('interested_in') }} as interested_in

    inner join graph_sizes on interested_in.consumer_id = graph_sizes.consumer_id

    left join products
        on interested_in.consumer_id = products.consumer_id
            and interested_in.cluster_id = products.cluster_id

    where graph_sizes.neighbor_count < (select limits.items_per_group from limits)
        and abs(interested_in.follow_score - coalesce(products.expected_score, 0)) > 1e-9
)

select * from differences
