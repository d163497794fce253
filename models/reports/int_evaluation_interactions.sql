{{ config(materialized = 'view') }}

with

follows as (select consumer_id, producer_id from {{ ref('stg_follows') }}),
favs as (select user_id, tweet_id from {{ ref('int_fav_states') }} where is_faved),

interactions as (
    select 'producers' as item_kind, consumer_id, producer_id as item_id from follows
    union all
    select 'tweets' as item_kind, user_id as consumer_id, tweet_id as item_id from favs
)

select * from interactions
