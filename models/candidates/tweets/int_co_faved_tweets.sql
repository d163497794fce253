{{ config(
    materialized = 'bucketed_table',
    cluster_by = ['tweet_id', 'tweet_rank']
) }}

{{ buckets_by_join(ref('int_recent_favs'), 'tweet_id', ref('int_recent_favs'), on=['user_id']) }}

with

{# Who alone faved a tweet knows whatever its favers faved. #}
known_favs as (
    select user_id, tweet_id
    from {{ ref('int_recent_favs') }} where faver_count > 1 and {{ bucket_filter('tweet_id') }}
),
fresh_favs as (select user_id, tweet_id, fav_count, fresh_weight from {{ ref('int_recent_favs') }} where fresh_weight > 0),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_co_faved_tweets'),

found_tweets as (
    select
        known_favs.tweet_id,
        fresh_favs.tweet_id as co_faved_tweet_id,
        cast({{ rounded_score('sum(fresh_favs.fresh_weight / sqrt(cast(fresh_favs.fav_count as float64)))') }} as float64) as co_fav_score

    from known_favs

    inner join fresh_favs
        on known_favs.user_id = fresh_favs.user_id
            and known_favs.tweet_id <> fresh_favs.tweet_id

    group by known_favs.tweet_id, fresh_favs.tweet_id
),

kept_tweets as (
    select
        tweet_id,
        co_faved_tweet_id,
        {{ rank_per('tweet_id', 'co_fav_score', 'co_faved_tweet_id') }} as tweet_rank,
        co_fav_score

    from found_tweets

    qualify tweet_rank <= (select limits.items_per_group from limits)
)

select * from kept_tweets
