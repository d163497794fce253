{{ config(
    enabled = engine_of('products') == 'sql',
    materialized = 'bucketed_table',
    cluster_by = ['consumer_id', 'candidate_type', 'candidate_rank'],
    hours_to_expiration = var('index_expiration_hours') or none,
    meta = {'rows_per_bucket': var('rows_per_bucket')}
) }}

{# Each community of a consumer meets its list of tweets. #}
{{ buckets_by_join(
    ref('int_tweet_candidate_interests'), 'consumer_id', ref('int_tweet_candidate_lists'), on=['candidate_type', 'cluster_id']
) }}

with

recipes as (select candidate_type, tweets_per_consumer from {{ ref('candidate_recipes') }}),
query_clusters as (
    select candidate_type, consumer_id, cluster_id, interested_in_score
    from {{ ref('int_tweet_candidate_interests') }} where {{ bucket_filter('consumer_id') }}
),
listed_tweets as (select candidate_type, cluster_id, tweet_id, tweet_score, squared_norm from {{ ref('int_tweet_candidate_lists') }}),

{{ hidden_tweets(bucket_filter('user_id')) }},

{# The norm of a tweet is the same in each of its rows. #}
dot_products as (
    select
        query_clusters.candidate_type,
        query_clusters.consumer_id,
        listed_tweets.tweet_id,
        max(listed_tweets.squared_norm) as squared_norm,
        cast(sum(query_clusters.interested_in_score * listed_tweets.tweet_score) as float64) as dot_product

    from query_clusters

    inner join listed_tweets
        on query_clusters.candidate_type = listed_tweets.candidate_type
            and query_clusters.cluster_id = listed_tweets.cluster_id

    group by query_clusters.candidate_type, query_clusters.consumer_id, listed_tweets.tweet_id
),

{# All tweets of a consumer share its norm, so it is left out. The logarithm takes the squared norm, as in the original. #}
scored_tweets as (
    select
        dot_products.candidate_type,
        dot_products.consumer_id,
        dot_products.tweet_id,
        dot_products.dot_product / nullif({{ log_one_plus('dot_products.squared_norm') }}, 0) as log_cosine_score,
        dot_products.dot_product / nullif(sqrt(dot_products.squared_norm), 0) as cosine_score,
        dot_products.dot_product

    from dot_products

    {{ without_hidden('dot_products', 'consumer_id') }}
),

best_tweets as (
    select
        scored_tweets.candidate_type,
        scored_tweets.consumer_id,
        scored_tweets.tweet_id,
        {{ rank_per(
            ['scored_tweets.candidate_type', 'scored_tweets.consumer_id'], 'scored_tweets.log_cosine_score', 'scored_tweets.tweet_id'
        ) }} as candidate_rank,
        scored_tweets.log_cosine_score,
        scored_tweets.cosine_score,
        scored_tweets.dot_product

    from scored_tweets

    inner join recipes on scored_tweets.candidate_type = recipes.candidate_type

    qualify candidate_rank <= recipes.tweets_per_consumer
)

select * from best_tweets

{{ stored_in_order(['consumer_id', 'candidate_type', 'candidate_rank']) }}
