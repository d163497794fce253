{{ config(cluster_by = ['tweet_id', 'embedding_type', 'cluster_id']) }}

with

all_scores as (
    select embedding_type, tweet_id, cluster_id, clusters_per_tweet, tweet_score from {{ ref('int_tweet_fav_scores') }}
    union all
    select embedding_type, tweet_id, cluster_id, clusters_per_tweet, tweet_score from {{ ref('int_tweet_fav_rate_scores') }}
),

kept_scores as (
    select
        embedding_type,
        tweet_id,
        cluster_id,
        {{ rank_per(['embedding_type', 'tweet_id'], 'tweet_score', 'cluster_id') }} as cluster_rank,
        tweet_score

    from all_scores

    where {{ rounded_score('tweet_score') }} > 0

    qualify cluster_rank <= clusters_per_tweet
)

select * from kept_scores

{{ stored_in_order(['tweet_id', 'embedding_type', 'cluster_id']) }}
