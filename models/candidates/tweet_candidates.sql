{% set score_override = var('consumer_score') %}

with

recipes as (

    select
        candidate_type,
        embedding_type,
        {{ recipe_consumer_score(score_override) }} as consumer_score,
        clusters_per_consumer,
        tweets_per_cluster,
        tweets_per_consumer

    from {{ ref('candidate_recipes') }}

),

consumer_scores as (

    select
        consumer_score,
        consumer_id,
        cluster_id,
        interested_in_score

    from {{ ref('consumer_scores') }}

),

tweet_embeddings as (

    select
        embedding_type,
        tweet_id,
        cluster_id,
        tweet_score

    from {{ ref('tweet_embeddings') }}

),

engaged_tweets as (

    select distinct
        user_id,
        tweet_id

    from {{ ref('stg_engagements') }}

    where engagement_type <> 'impression'

),

tweet_norms as (

    select
        embedding_type,
        tweet_id,
        sum(tweet_score * tweet_score) as squared_norm

    from tweet_embeddings

    group by
        embedding_type,
        tweet_id

),

query_clusters as (

    select
        recipes.candidate_type,
        recipes.embedding_type,
        recipes.tweets_per_consumer,
        consumer_scores.consumer_id,
        consumer_scores.cluster_id,
        consumer_scores.interested_in_score

    from recipes

    inner join consumer_scores
        on recipes.consumer_score = consumer_scores.consumer_score

    qualify {{ rank_per(
        ['recipes.candidate_type', 'consumer_scores.consumer_id'], 'consumer_scores.interested_in_score', 'consumer_scores.cluster_id'
    ) }} <= recipes.clusters_per_consumer

),

indexed_tweets as (

    select
        recipes.candidate_type,
        tweet_embeddings.cluster_id,
        tweet_embeddings.tweet_id,
        tweet_embeddings.tweet_score

    from recipes

    inner join tweet_embeddings
        on recipes.embedding_type = tweet_embeddings.embedding_type

    qualify {{ rank_per(
        ['recipes.candidate_type', 'tweet_embeddings.cluster_id'], 'tweet_embeddings.tweet_score', 'tweet_embeddings.tweet_id'
    ) }} <= recipes.tweets_per_cluster

),

dot_products as (

    select
        query_clusters.candidate_type,
        query_clusters.embedding_type,
        query_clusters.tweets_per_consumer,
        query_clusters.consumer_id,
        indexed_tweets.tweet_id,
        cast(sum(query_clusters.interested_in_score * indexed_tweets.tweet_score) as float64) as dot_product

    from query_clusters

    inner join indexed_tweets
        on query_clusters.candidate_type = indexed_tweets.candidate_type
            and query_clusters.cluster_id = indexed_tweets.cluster_id

    group by
        query_clusters.candidate_type,
        query_clusters.embedding_type,
        query_clusters.tweets_per_consumer,
        query_clusters.consumer_id,
        indexed_tweets.tweet_id

),

{# The consumer's own norm is the same for all of its tweets, so it is left out. The squared norm inside the logarithm is the original's. #}
scored_tweets as (

    select
        dot_products.candidate_type,
        dot_products.tweets_per_consumer,
        dot_products.consumer_id,
        dot_products.tweet_id,
        dot_products.dot_product / nullif(ln(1 + tweet_norms.squared_norm), 0) as log_cosine_score,
        dot_products.dot_product / nullif(sqrt(tweet_norms.squared_norm), 0) as cosine_score,
        dot_products.dot_product

    from dot_products

    inner join tweet_norms
        on dot_products.embedding_type = tweet_norms.embedding_type
            and dot_products.tweet_id = tweet_norms.tweet_id

),

ranked_tweets as (

    select
        candidate_type,
        consumer_id,
        tweet_id,
        {{ rank_per(['candidate_type', 'consumer_id'], 'log_cosine_score', 'tweet_id') }} as candidate_rank,
        tweets_per_consumer,
        log_cosine_score,
        cosine_score,
        dot_product

    from scored_tweets

),

kept_tweets as (

    select
        ranked_tweets.candidate_type,
        ranked_tweets.consumer_id,
        ranked_tweets.tweet_id,
        ranked_tweets.candidate_rank,
        engaged_tweets.tweet_id is null as is_new_to_consumer,
        ranked_tweets.log_cosine_score,
        ranked_tweets.cosine_score,
        ranked_tweets.dot_product

    from ranked_tweets

    left join engaged_tweets
        on ranked_tweets.consumer_id = engaged_tweets.user_id
            and ranked_tweets.tweet_id = engaged_tweets.tweet_id

    where ranked_tweets.candidate_rank <= ranked_tweets.tweets_per_consumer

)

select * from kept_tweets
