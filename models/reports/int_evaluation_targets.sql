{% set maximum_consumers = var('evaluation_maximum_consumers') %}

with

held_out_follows as (select consumer_id, producer_id from {{ ref('stg_held_out_follows') }}),
held_out_favs as (select distinct user_id, tweet_id from {{ ref('stg_held_out_engagements') }} where engagement_type = 'fav'),
hidden_tweets as (select user_id, tweet_id from {{ ref('int_hidden_tweets') }} where user_id is not null),

{# What nobody may recommend to the user is no target. #}
targets as (
    select
        'producers' as item_kind,
        consumer_id,
        producer_id as item_id

    from held_out_follows

    union all

    select
        'tweets' as item_kind,
        held_out_favs.user_id as consumer_id,
        held_out_favs.tweet_id as item_id

    from held_out_favs

    left join hidden_tweets
        on held_out_favs.user_id = hidden_tweets.user_id
            and held_out_favs.tweet_id = hidden_tweets.tweet_id

    where hidden_tweets.tweet_id is null
),

target_consumers as (
    select distinct item_kind, consumer_id

    from targets

    where {{ is_compared('consumer_id', ref('int_graph_settings')) }}
),

drawn_consumers as (
    select item_kind, consumer_id

    from target_consumers

    qualify
        row_number() over (partition by item_kind order by {{ pair_hash('consumer_id', 1) }}, consumer_id) <= {{ maximum_consumers }}
),

drawn_targets as (
    select targets.item_kind, targets.consumer_id, targets.item_id

    from targets

    inner join drawn_consumers
        on targets.item_kind = drawn_consumers.item_kind
            and targets.consumer_id = drawn_consumers.consumer_id
)

select * from drawn_targets
