{{ config(materialized = 'view') }}

with

live_scores as (
    select tweet_id, cluster_id, tweet_score, fav_count
    from {{ ref('int_live_scores') }} where {{ rounded_score('tweet_score') }} > {{ var('stream_tweet_score_floor') }}
),

kept_clusters as (

    select
        tweet_id,
        cluster_id,
        {{ rank_per('tweet_id', 'tweet_score', 'cluster_id') }} as cluster_rank,
        fav_count,
        tweet_score

    from live_scores

    qualify cluster_rank <= {{ var('stream_clusters_per_tweet') }}

)

select * from kept_clusters
