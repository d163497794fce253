{{ config(hours_to_expiration = var('index_expiration_hours') or none) }}

with

top_tweets as (select index_name, index_list_id, cluster_id from {{ ref('cluster_top_tweets') }}),
list_tweets as (
    select index_name, index_list_id, tweet_rank, cluster_id, list_share from {{ ref('int_direction_list_tweets') }} where list_share > 0
),

{# A community is a direction of one. All tweets of a list by direction have the same two shares, so the first one stands for them. #}
index_lists as (
    select distinct index_name, cluster_id, index_list_id, cast(1 as float64) as direction_score

    from top_tweets

    union all

    select
        index_name,
        cluster_id,
        index_list_id,
        cast(list_share / sqrt(sum(list_share * list_share) over (partition by index_list_id)) as float64) as direction_score

    from list_tweets

    where tweet_rank = 1
)

select * from index_lists

{{ stored_in_order(['index_name', 'cluster_id', 'index_list_id']) }}
