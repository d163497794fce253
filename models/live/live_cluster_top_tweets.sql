{{ config(materialized = 'view') }}

{% set window_hours = var('stream_window_hours') %}

with

live_scores as (select tweet_id, cluster_id, created_at, tweet_age_hours, tweet_score, fav_count from {{ ref('int_live_scores') }}),

{{ ranked_live_tweets(window_hours) }}

top_tweets as (

    select
        index_name,
        cluster_id,
        tweet_id,
        tweet_rank,
        created_at,
        fav_count,
        tweet_score

    from ranked_live_tweets

)

select * from top_tweets
