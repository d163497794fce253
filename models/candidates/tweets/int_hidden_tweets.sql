{{ config(cluster_by = ['user_id']) }}

with

engagements as (select user_id, tweet_id from {{ ref('stg_engagements') }}),
tweets as (select tweet_id, author_id from {{ ref('stg_tweets') }} where author_id is not null),
blocks as (select user_id, blocked_user_id from {{ ref('stg_blocks') }}),
inactive_users as (select user_id from {{ ref('stg_users') }} where not is_active),

{# A user who saw a tweet knows it, whatever came of it. #}
hidden_tweets as (
    select user_id, tweet_id from engagements

    union distinct

    select author_id as user_id, tweet_id from tweets

    union distinct

    select blocks.user_id, tweets.tweet_id

    from blocks

    inner join tweets on blocks.blocked_user_id = tweets.author_id

    union distinct

    select cast(null as int64) as user_id, tweets.tweet_id

    from tweets

    inner join inactive_users on tweets.author_id = inactive_users.user_id
)

select * from hidden_tweets

{{ stored_in_order(['user_id', 'tweet_id']) }}
