{{ config(
    cluster_by = ['index_name', 'index_list_id', 'tweet_rank'],
    hours_to_expiration = var('index_expiration_hours') or none
) }}

{# Of lists of at most 200 tweets, coarser steps lose tweets of dense directions, and finer ones scatter a direction over more lists. #}
{% set steps = 30 %}
{# More clusters than there are, and more than all numbers together: a list has a number below zero. #}
{% set all_clusters, all_numbers = 100000000, 9000000000000000000 %}

with

tweets as (select tweet_id, created_at from {{ ref('stg_tweets') }}),
recipes as (
    select
        index_name, row_number() over (order by index_name) as index_number,
        coalesce(vectors_of, index_name) as vectors_of, tweets_per_cluster
    from {{ ref('engagement_index_recipes') }} where list_order = 'direction'
),

tweet_scores as (
    select index_name as vectors_of, cluster_id, tweet_id, tweet_score from {{ ref('int_index_tweet_scores') }} where tweet_score > 0
),

ranked_clusters as (
    select
        recipes.index_name,
        recipes.index_number,
        recipes.tweets_per_cluster,
        tweet_scores.tweet_id,
        tweet_scores.cluster_id,
        tweet_scores.tweet_score,
        {{ rank_per(['recipes.index_name', 'tweet_scores.tweet_id'], 'tweet_scores.tweet_score', 'tweet_scores.cluster_id') }}
            as cluster_rank

    from recipes

    inner join tweet_scores on recipes.vectors_of = tweet_scores.vectors_of
),

tweet_vectors as (
    select
        index_name,
        index_number,
        tweets_per_cluster,
        tweet_id,
        cast(sum(tweet_score * tweet_score) as float64) as tweet_squared_norm,
        max(case when cluster_rank = 1 then cluster_id end) as first_cluster_id,
        max(case when cluster_rank = 2 then cluster_id end) as second_cluster_id,
        max(case when cluster_rank = 1 then tweet_score end) as first_score,
        coalesce(max(case when cluster_rank = 2 then tweet_score end), 0) as second_score,
        array_agg(cluster_id order by cluster_rank) as cluster_ids,
        array_agg(tweet_score order by cluster_rank) as tweet_scores

    from ranked_clusters

    group by index_name, index_number, tweets_per_cluster, tweet_id
),

tweet_steps as (
    select
        index_name,
        index_number,
        tweets_per_cluster,
        tweet_id,
        tweet_squared_norm,
        first_cluster_id,
        second_cluster_id,
        cast(floor({{ rounded_score(steps ~ ' * second_score / first_score') }} + 0.5) as int64) as second_steps,
        cluster_ids,
        tweet_scores

    from tweet_vectors
),

{# The number follows from the direction: one worker would have to sort all tweets to count directions. #}
listed_tweets as (
    select
        index_name,
        tweet_id,
        tweet_squared_norm,
        first_cluster_id,
        second_cluster_id,
        second_steps,
        ((index_number * {{ all_clusters }} + first_cluster_id) * {{ all_clusters }} + coalesce(second_cluster_id, 0)) * 32
        + second_steps - {{ all_numbers }} as index_list_id,
        {{ rank_per(
            ['index_name', 'first_cluster_id', 'second_cluster_id', 'second_steps'], 'tweet_squared_norm', 'tweet_id'
        ) }} as tweet_rank,
        cluster_ids,
        tweet_scores

    from tweet_steps

    qualify tweet_rank <= tweets_per_cluster
),

{# Stored in the order of look-ups. #}
direction_list_tweets as (
    select
        listed_tweets.index_name,
        listed_tweets.index_list_id,
        listed_tweets.tweet_id,
        listed_tweets.tweet_rank,
        listed_tweets.first_cluster_id,
        listed_tweets.second_cluster_id,
        cast(listed_tweets.second_steps / {{ steps }}.0 as float64) as second_share,
        coalesce(tweets.created_at, {{ snowflake_created_at('listed_tweets.tweet_id') }}) as created_at,
        listed_tweets.tweet_squared_norm,
        listed_tweets.cluster_ids,
        listed_tweets.tweet_scores

    from listed_tweets

    left join tweets on listed_tweets.tweet_id = tweets.tweet_id
)

select * from direction_list_tweets

{{ stored_in_order(['index_name', 'index_list_id', 'tweet_rank']) }}
