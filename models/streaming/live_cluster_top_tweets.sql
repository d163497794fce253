{{ config(materialized = 'view') }}

with

live_scores as (

    select
        tweet_id,
        cluster_id,
        tweet_age_hours,
        tweet_score,
        fav_count

    from {{ ref('int_live_scores') }}

    where {{ rounded_score('tweet_score') }} > {{ var('stream_cluster_score_floor') }}

),

scores_by_index as (

    select
        'live' as index_name,
        cluster_id,
        tweet_id,
        fav_count,
        tweet_score

    from live_scores

    union all

    select
        'live_light' as index_name,
        cluster_id,
        tweet_id,
        fav_count,
        tweet_score

    from live_scores

    where tweet_age_hours < {{ var('stream_light_hours') }}

),

ranked_tweets as (

    select
        index_name,
        cluster_id,
        tweet_id,
        {{ rank_per(['index_name', 'cluster_id'], 'tweet_score', 'tweet_id') }} as tweet_rank,
        fav_count,
        tweet_score

    from scores_by_index

),

kept_tweets as (

    select
        index_name,
        cluster_id,
        tweet_id,
        tweet_rank,
        fav_count,
        tweet_score

    from ranked_tweets

    where tweet_rank <= {{ var('stream_tweets_per_cluster') }}

)

select * from kept_tweets
