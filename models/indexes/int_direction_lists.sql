{{ config(hours_to_expiration = var('index_expiration_hours') or none) }}

with

list_tweets as (
    select index_name, direction_id, tweet_rank, cluster_id, list_share from {{ ref('int_direction_list_tweets') }} where list_share > 0
),

{# All tweets of a list have the same two shares, so the first one stands for them. #}
direction_lists as (
    select
        index_name,
        direction_id,
        cluster_id,
        cast(list_share / sqrt(sum(list_share * list_share) over (partition by index_name, direction_id)) as float64) as direction_score

    from list_tweets

    where tweet_rank = 1
)

select * from direction_lists

{{ stored_in_order(['index_name', 'cluster_id', 'direction_id']) }}
