{% set maximum_consumers = var('evaluation_maximum_consumers') %}

with

held_out_follows as (select consumer_id, producer_id from {{ ref('stg_held_out_follows') }}),
held_out_favs as (select distinct user_id, tweet_id from {{ ref('stg_held_out_engagements') }} where engagement_type = 'fav'),
tweets as (select tweet_id, created_at from {{ ref('stg_tweets') }}),
as_of as (select as_of from {{ ref('stg_as_of') }}),
blocks as (select user_id, blocked_user_id from {{ ref('stg_blocks') }}),
inactive_users as (select user_id from {{ ref('stg_users') }} where not is_active),
{{ hidden_tweets('user_id is not null') }},

{# Tweets that nobody knew of yet when the rest was known. #}
later_tweets as (select tweets.tweet_id from tweets inner join as_of on tweets.created_at > as_of.as_of),

known_favs as (
    select held_out_favs.user_id, held_out_favs.tweet_id

    from held_out_favs

    left join later_tweets on held_out_favs.tweet_id = later_tweets.tweet_id

    where later_tweets.tweet_id is null
),

{# What nobody may recommend to the user is no target. #}
targets as (
    select
        'producers' as item_kind,
        held_out_follows.consumer_id,
        held_out_follows.producer_id as item_id

    from held_out_follows

    left join blocks
        on held_out_follows.consumer_id = blocks.user_id
            and held_out_follows.producer_id = blocks.blocked_user_id

    left join inactive_users on held_out_follows.producer_id = inactive_users.user_id

    where blocks.user_id is null
        and inactive_users.user_id is null

    union all

    select
        'tweets' as item_kind,
        known_favs.user_id as consumer_id,
        known_favs.tweet_id as item_id

    from known_favs

    {{ without_hidden('known_favs', 'user_id') }}
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
