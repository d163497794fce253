{{ config(materialized = 'view') }}
{# A view, because nearly all of it is int_co_faved_tweets. Readers find a list by two numbers, as those of producers do. #}

with

recipes as (
    select
        candidate_type, row_number() over (order by candidate_type) as recipe_number, index_name, tweets_per_cluster, neighbor_share,
        author_share
    from {{ ref('candidate_recipes') }}
),
cluster_lists as (
    select candidate_type, cluster_id, tweet_id, tweet_score, squared_norm
    from {{ ref('int_tweet_candidate_weights') }}
),
top_tweets as (
    select index_name, cluster_id, tweet_id, tweet_rank, tweet_score
    from {{ ref('cluster_top_tweets') }} where tweet_score > 0
),
co_faved_tweets as (select tweet_id, co_faved_tweet_id, co_fav_score from {{ ref('int_co_faved_tweets') }}),
author_tweets as (select author_id, tweet_id, tweet_score from {{ ref('int_author_tweets') }}),

lists as (
    select
        recipes.candidate_type,
        'cluster' as list_kind,
        3 * recipes.recipe_number as list_group,
        cluster_lists.cluster_id as list_id,
        cluster_lists.tweet_id,
        cluster_lists.tweet_score,
        cluster_lists.squared_norm

    from recipes

    inner join cluster_lists on recipes.candidate_type = cluster_lists.candidate_type

    union all

    select
        recipes.candidate_type,
        'cluster' as list_kind,
        3 * recipes.recipe_number as list_group,
        top_tweets.cluster_id as list_id,
        top_tweets.tweet_id,
        top_tweets.tweet_score,
        cast(null as float64) as squared_norm

    from recipes

    inner join top_tweets
        on recipes.index_name = top_tweets.index_name
            and recipes.tweets_per_cluster >= top_tweets.tweet_rank

    union all

    select
        recipes.candidate_type,
        'tweet' as list_kind,
        3 * recipes.recipe_number + 1 as list_group,
        co_faved_tweets.tweet_id as list_id,
        co_faved_tweets.co_faved_tweet_id as tweet_id,
        co_faved_tweets.co_fav_score as tweet_score,
        cast(null as float64) as squared_norm

    from recipes

    cross join co_faved_tweets

    where recipes.neighbor_share > 0

    union all

    select
        recipes.candidate_type,
        'author' as list_kind,
        3 * recipes.recipe_number + 2 as list_group,
        author_tweets.author_id as list_id,
        author_tweets.tweet_id,
        author_tweets.tweet_score,
        cast(null as float64) as squared_norm

    from recipes

    cross join author_tweets

    where recipes.author_share > 0
)

select * from lists
