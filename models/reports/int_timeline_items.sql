{{ config(materialized = 'view') }}

with

consumers as (select distinct consumer_id from {{ ref('int_evaluation_targets') }} where item_kind = 'tweets'),
follows as (select consumer_id, producer_id from {{ ref('stg_follows') }}),
tweets as (select tweet_id, author_id, created_at from {{ ref('stg_tweets') }}),
as_of as (select as_of from {{ ref('stg_as_of') }}),
{{ hidden_tweets('user_id is not null') }},
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_timeline_items'),

asked_follows as (
    select follows.consumer_id, follows.producer_id

    from follows

    inner join consumers on follows.consumer_id = consumers.consumer_id
),

followed_producers as (select distinct producer_id from asked_follows),

newest_tweets as (
    select tweets.author_id, tweets.tweet_id, tweets.created_at

    from tweets

    inner join followed_producers on tweets.author_id = followed_producers.producer_id
    inner join as_of on tweets.created_at <= as_of.as_of

    qualify row_number() over (partition by tweets.author_id order by tweets.created_at desc, tweets.tweet_id asc)
        <= (select limits.items_per_group from limits)
),

found_tweets as (
    select asked_follows.consumer_id, newest_tweets.tweet_id, newest_tweets.created_at

    from asked_follows

    inner join newest_tweets on asked_follows.producer_id = newest_tweets.author_id
),

timeline_items as (
    select
        'tweets' as item_kind,
        found_tweets.consumer_id,
        found_tweets.tweet_id as item_id,
        row_number() over (
            partition by found_tweets.consumer_id
            order by found_tweets.created_at desc, found_tweets.tweet_id asc
        ) as candidate_rank

    from found_tweets

    {{ without_hidden('found_tweets', 'consumer_id') }}

    qualify candidate_rank <= (select limits.items_per_group from limits)
)

select * from timeline_items
