with

users as (select user_id, screen_name from {{ ref('stg_users') }}),
tweets as (select tweet_id, author_id, created_at from {{ ref('stg_tweets') }}),
topics as (select topic_id, topic_name from {{ ref('stg_topics') }}),
user_ids as (select user_id, user_key from {{ ref('user_ids') }}),
tweet_ids as (select tweet_id, tweet_key from {{ ref('tweet_ids') }}),
topic_ids as (select topic_id, topic_key from {{ ref('topic_ids') }}),

named_users as (
    select
        'user' as entity_kind,
        coalesce(users.user_id, user_ids.user_id) as entity_id,
        user_ids.user_key as entity_key,
        users.screen_name as entity_name,
        cast(null as int64) as author_id,
        cast(null as timestamp) as created_at

    from users

    full outer join user_ids on users.user_id = user_ids.user_id
),

named_tweets as (
    select
        'tweet' as entity_kind,
        coalesce(tweets.tweet_id, tweet_ids.tweet_id) as entity_id,
        tweet_ids.tweet_key as entity_key,
        cast(null as string) as entity_name,
        tweets.author_id,
        tweets.created_at

    from tweets

    full outer join tweet_ids on tweets.tweet_id = tweet_ids.tweet_id
),

named_topics as (
    select
        'topic' as entity_kind,
        topics.topic_id as entity_id,
        topic_ids.topic_key as entity_key,
        topics.topic_name as entity_name,
        cast(null as int64) as author_id,
        cast(null as timestamp) as created_at

    from topics

    left join topic_ids on topics.topic_id = topic_ids.topic_id
),

all_names as (
    select entity_kind, entity_id, entity_key, entity_name, author_id, created_at from named_users

    union all

    select entity_kind, entity_id, entity_key, entity_name, author_id, created_at from named_tweets

    union all

    select entity_kind, entity_id, entity_key, entity_name, author_id, created_at from named_topics
)

select * from all_names
