{{ config(materialized = 'view') }}

{% set window_hours = var('stream_window_hours') %}

with

live_scores as (select tweet_id, cluster_id, created_at, tweet_age_hours, tweet_score, fav_count from {{ ref('int_live_scores') }}),

{{ live_top_tweets(window_hours) }}

select * from top_tweets
