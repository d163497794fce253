{{ config(cluster_by = ['list_group', 'list_id']) }}

with

recipes as (
    select
        candidate_type, row_number() over (order by candidate_type) as recipe_number, embedding_type, index_name, tweets_per_cluster,
        neighbor_share, author_share
    from {{ ref('candidate_recipes') }}
),
tweet_embeddings as (select embedding_type, tweet_id, cluster_id, tweet_score from {{ ref('tweet_embeddings') }}),
top_tweets as (
    select index_name, cluster_id, tweet_id, tweet_rank, tweet_score
    from {{ ref('cluster_top_tweets') }} where tweet_score > 0
),
co_faved_tweets as (select tweet_id, co_faved_tweet_id, co_fav_score from {{ ref('int_co_faved_tweets') }}),
fresh_favs as (select tweet_id, fresh_weight from {{ ref('int_recent_favs') }} where fresh_weight > 0),
tweets as (select tweet_id, author_id from {{ ref('stg_tweets') }} where author_id is not null),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_tweet_candidate_lists'),

tweet_norms as (
    select
        embedding_type,
        tweet_id,
        sum(tweet_score * tweet_score) as squared_norm

    from tweet_embeddings

    group by embedding_type, tweet_id
),

embedded_tweets as (
    select
        recipes.candidate_type,
        recipes.recipe_number,
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
),

authored_tweets as (
    select
        tweets.author_id,
        fresh_favs.tweet_id,
        cast(sum(fresh_favs.fresh_weight) as float64) as tweet_score

    from fresh_favs

    inner join tweets on fresh_favs.tweet_id = tweets.tweet_id

    group by tweets.author_id, fresh_favs.tweet_id
),

author_tweets as (
    select author_id, tweet_id, tweet_score

    from authored_tweets

    qualify {{ top_k_per('author_id', 'tweet_score', 'tweet_id', '(select limits.items_per_group from limits)') }}
),

lists as (
    select
        candidate_type,
        'cluster' as list_kind,
        3 * recipe_number as list_group,
        cluster_id as list_id,
        tweet_id,
        tweet_score,
        squared_norm

    from embedded_tweets

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

{{ stored_in_order(['list_group', 'list_id', 'tweet_id']) }}
