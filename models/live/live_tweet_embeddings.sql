{{ config(materialized = 'view') }}

with

limits as (select items_per_group, minimum_score from {{ ref('table_limits') }} where table_name = 'live_tweet_embeddings'),
live_scores as (
    select tweet_id, cluster_id, tweet_score, fav_count
    from {{ ref('int_live_scores') }} where {{ rounded_score('tweet_score') }} > (select limits.minimum_score from limits)
),

kept_clusters as (
    select
        tweet_id,
        cluster_id,
        {{ rank_per('tweet_id', 'tweet_score', 'cluster_id') }} as cluster_rank,
        fav_count,
        tweet_score

    from live_scores

    qualify cluster_rank <= (select limits.items_per_group from limits)
)

select * from kept_clusters
