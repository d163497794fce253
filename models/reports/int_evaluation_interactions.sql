{{ config(materialized = 'view') }}

with

{# Where nothing is held out, nothing is read. #}
asked_kinds as (select distinct item_kind from {{ ref('int_evaluation_targets') }}),
follows as (select consumer_id, producer_id from {{ ref('stg_follows') }}),
favs as (select user_id, tweet_id from {{ ref('int_fav_states') }} where is_faved),

interactions as (
    select 'producers' as item_kind, consumer_id, producer_id as item_id from follows
    union all
    select 'tweets' as item_kind, user_id as consumer_id, tweet_id as item_id from favs
),

asked_interactions as (
    select interactions.item_kind, interactions.consumer_id, interactions.item_id

    from interactions

    inner join asked_kinds on interactions.item_kind = asked_kinds.item_kind
)

select * from asked_interactions
