{{ config(materialized = 'view') }}

{% set score_floor = var('stream_cluster_score_floor') %}
{% set window_hours = var('stream_window_hours') %}
{% set light_hours = var('stream_light_hours') %}
{% set tweets_per_cluster = var('stream_tweets_per_cluster') %}

with

live_scores as (select tweet_id, cluster_id, created_at, tweet_age_hours, tweet_score, fav_count from {{ ref('int_live_scores') }}),

{{ ranked_live_tweets(score_floor, window_hours, light_hours, tweets_per_cluster) }}

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
