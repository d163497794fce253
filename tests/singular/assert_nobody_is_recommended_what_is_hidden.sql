{{ config(tags = ['audit']) }}

{# From the inputs, not from what the candidates read: own, seen and blocked tweets, followed and blocked producers, inactive users. #}
with

tweets as (select tweet_id, author_id from {{ ref('stg_tweets') }}),
blocks as (select user_id, blocked_user_id from {{ ref('stg_blocks') }}),
follows as (select consumer_id, producer_id from {{ ref('stg_follows') }}),
users as (select user_id, is_active from {{ ref('stg_users') }}),
seen_tweets as (select distinct user_id, tweet_id from {{ ref('stg_engagements') }}),
tweet_candidates as (
    select consumer_id, tweet_id from {{ ref('tweet_candidates') }}
    union all
    select source_id as consumer_id, tweet_id from {{ ref('ann_candidates') }} where source_kind = 'consumer'
),
producer_candidates as (select consumer_id, producer_id from {{ ref('producer_candidates') }}),

recommended_items as (
    select tweet_candidates.consumer_id, tweet_candidates.tweet_id, tweets.author_id as producer_id
    from tweet_candidates
    left join tweets on tweet_candidates.tweet_id = tweets.tweet_id

    union all

    select consumer_id, cast(null as int64) as tweet_id, producer_id from producer_candidates
),

wrong_items as (
    select recommended_items.consumer_id, recommended_items.tweet_id, recommended_items.producer_id

    from recommended_items

    left join seen_tweets
        on recommended_items.consumer_id = seen_tweets.user_id
            and recommended_items.tweet_id = seen_tweets.tweet_id

    left join blocks
        on recommended_items.consumer_id = blocks.user_id
            and recommended_items.producer_id = blocks.blocked_user_id

    left join follows
        on recommended_items.consumer_id = follows.consumer_id
            and recommended_items.producer_id = follows.producer_id
            and recommended_items.tweet_id is null

    left join users on recommended_items.producer_id = users.user_id

    where recommended_items.consumer_id = recommended_items.producer_id
        or seen_tweets.user_id is not null
        or blocks.user_id is not null
        or follows.consumer_id is not null
        or not users.is_active
)

select * from wrong_items
