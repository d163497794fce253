{{ config(materialized = 'view') }}
{# A view, because stored sums never fade: reading fades them to as_of. #}

{% set half_life_hours = var('stream_half_life_hours') %}
{% set window_hours = var('stream_window_hours') %}

with

limits as (select items_per_group, minimum_score from {{ ref('table_limits') }} where table_name = 'live_tweet_embeddings'),
as_of as (select as_of from {{ ref('int_stream_clock') }}),
partials as (
    select bucket_at, tweet_id, cluster_id, partial_score, fav_count
    from {{ ref('int_tweet_cluster_partials') }} where fav_count > 0
),
tweets as (select tweet_id, created_at from {{ ref('stg_tweets') }}),

{{ live_scores(half_life_hours, window_hours) }},

kept_clusters as (
    select
        tweet_id,
        cluster_id,
        {{ rank_per('tweet_id', 'tweet_score', 'cluster_id') }} as cluster_rank,
        fav_count,
        tweet_score

    from live_scores

    where {{ rounded_score('tweet_score') }} > (select limits.minimum_score from limits)

    qualify cluster_rank <= (select limits.items_per_group from limits)
)

select * from kept_clusters
