{{ config(materialized = 'view') }}
{# A view, because stored sums never fade: reading fades them to as_of. #}

{% set half_life_hours = var('stream_half_life_hours') %}
{% set window_hours = var('stream_window_hours') %}

with

as_of as (select as_of from {{ ref('int_stream_clock') }}),
partials as (
    select bucket_at, tweet_id, cluster_id, partial_score, fav_count
    from {{ ref('int_tweet_cluster_partials') }} where fav_count > 0
),
tweets as (select tweet_id, created_at from {{ ref('stg_tweets') }}),

{{ live_scores(half_life_hours, window_hours) }},

{{ live_top_tweets(window_hours) }}

select * from top_tweets
