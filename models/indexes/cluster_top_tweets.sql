{{ config(
    cluster_by = ['index_name', 'cluster_id', 'tweet_rank'],
    hours_to_expiration = var('index_expiration_hours') or none
) }}

with

recipes as (
    select index_name, tweets_per_cluster, intersected_index_name from {{ ref('engagement_index_recipes') }}
    union all
    select embedding_type as index_name, tweets_per_cluster, cast(null as string) as intersected_index_name
    from {{ ref('fav_rate_recipes') }} where tweets_per_cluster is not null
),

{# Fav rates are embeddings of their own, and their indexes turn them around. #}
tweet_scores as (
    select index_name, cluster_id, tweet_id, engagement_count, tweet_score from {{ ref('int_index_tweet_scores') }}
    union all
    select embedding_type as index_name, cluster_id, tweet_id, cast(null as int64) as engagement_count, tweet_score
    from {{ ref('tweet_embeddings') }}
),

tweets as (select tweet_id, created_at from {{ ref('stg_tweets') }}),

top_tweets as (
    select
        tweet_scores.index_name, tweet_scores.cluster_id, tweet_scores.tweet_id, recipes.intersected_index_name,
        tweet_scores.engagement_count, tweet_scores.tweet_score

    from tweet_scores

    inner join recipes on tweet_scores.index_name = recipes.index_name

    qualify {{ top_k_per(
        ['tweet_scores.index_name', 'tweet_scores.cluster_id'], 'tweet_scores.tweet_score', 'tweet_scores.tweet_id', 'recipes.tweets_per_cluster'
    ) }}
),

{# The cut comes first, so an intersected index can be shorter than its length. #}
intersected_tweets as (
    select top_tweets.index_name, top_tweets.cluster_id, top_tweets.tweet_id, top_tweets.engagement_count, top_tweets.tweet_score

    from top_tweets

    left join top_tweets as other_index
        on top_tweets.intersected_index_name = other_index.index_name
            and top_tweets.cluster_id = other_index.cluster_id
            and top_tweets.tweet_id = other_index.tweet_id

    where top_tweets.intersected_index_name is null
        or other_index.tweet_id is not null
),

{# Stored in the order of look-ups. #}
final_ranks as (
    select
        intersected_tweets.index_name,
        intersected_tweets.cluster_id,
        intersected_tweets.tweet_id,
        {{ rank_per(
            ['intersected_tweets.index_name', 'intersected_tweets.cluster_id'],
            'intersected_tweets.tweet_score', 'intersected_tweets.tweet_id'
        ) }} as tweet_rank,
        coalesce(tweets.created_at, {{ snowflake_created_at('intersected_tweets.tweet_id') }}) as created_at,
        intersected_tweets.engagement_count,
        intersected_tweets.tweet_score

    from intersected_tweets

    left join tweets on intersected_tweets.tweet_id = tweets.tweet_id
)

select * from final_ranks

{{ stored_in_order(['index_name', 'cluster_id', 'tweet_rank']) }}
