{{ config(cluster_by = ['candidate_type', 'cluster_id']) }}

with

recipes as (select candidate_type, embedding_type, tweets_per_cluster from {{ ref('candidate_recipes') }}),
tweet_embeddings as (select embedding_type, tweet_id, cluster_id, tweet_score from {{ ref('tweet_embeddings') }}),

tweet_norms as (
    select
        embedding_type,
        tweet_id,
        sum(tweet_score * tweet_score) as squared_norm

    from tweet_embeddings

    group by embedding_type, tweet_id
),

weights as (
    select
        recipes.candidate_type,
        tweet_embeddings.cluster_id,
        tweet_embeddings.tweet_id,
        tweet_embeddings.tweet_score,
        cast(tweet_norms.squared_norm as float64) as squared_norm

    from recipes

    inner join tweet_embeddings on recipes.embedding_type = tweet_embeddings.embedding_type

    inner join tweet_norms
        on tweet_embeddings.embedding_type = tweet_norms.embedding_type
            and tweet_embeddings.tweet_id = tweet_norms.tweet_id

    qualify {{ rank_per(
        ['recipes.candidate_type', 'tweet_embeddings.cluster_id'], 'tweet_embeddings.tweet_score', 'tweet_embeddings.tweet_id'
    ) }} <= recipes.tweets_per_cluster
)

select * from weights

{{ stored_in_order(['candidate_type', 'cluster_id']) }}
