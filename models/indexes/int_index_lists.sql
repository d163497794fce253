{{ config(hours_to_expiration = var('index_expiration_hours') or none) }}

with

top_tweets as (select index_name, index_list_id, cluster_id from {{ ref('cluster_top_tweets') }}),
direction_lists as (
    select index_name, index_list_id, first_cluster_id, second_cluster_id, second_share
    from {{ ref('int_direction_list_tweets') }} where tweet_rank = 1
),

{# A community is a direction of one. All tweets of a list by direction point the same way, so the first one stands for them. #}
index_lists as (
    select distinct index_name, cluster_id, index_list_id, cast(1 as float64) as direction_score

    from top_tweets

    union all

    select
        index_name, first_cluster_id as cluster_id, index_list_id, 1 / sqrt(1 + second_share * second_share) as direction_score

    from direction_lists

    union all

    select
        index_name, second_cluster_id as cluster_id, index_list_id,
        second_share / sqrt(1 + second_share * second_share) as direction_score

    from direction_lists

    where second_share > 0
)

select * from index_lists

{{ stored_in_order(['index_name', 'cluster_id', 'index_list_id']) }}
