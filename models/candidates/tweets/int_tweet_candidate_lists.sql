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

embedded_lists as (
    select
        recipes.candidate_type,
        'cluster' as list_kind,
        3 * recipes.recipe_number as list_group,
        tweet_embeddings.cluster_id as list_id,
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

author_tweets as (
    select
        tweets.author_id,
        fresh_favs.tweet_id,
        cast(sum(fresh_favs.fresh_weight) as float64) as tweet_score

    from fresh_favs

    inner join tweets on fresh_favs.tweet_id = tweets.tweet_id

    group by tweets.author_id, fresh_favs.tweet_id

    qualify {{ top_k_per(
        'tweets.author_id', 'sum(fresh_favs.fresh_weight)', 'fresh_favs.tweet_id', '(select limits.items_per_group from limits)'
    ) }}
),

{# Each recipe that reads them at all reads the same. #}
shared_lists as (
    select 'tweet' as list_kind, 1 as kind_number, tweet_id as list_id, co_faved_tweet_id as tweet_id, co_fav_score as tweet_score
    from {{ ref('int_co_faved_tweets') }}
    union all
    select 'author' as list_kind, 2 as kind_number, author_id as list_id, tweet_id, tweet_score
    from author_tweets
),

lists as (
    select candidate_type, list_kind, list_group, list_id, tweet_id, tweet_score, squared_norm from embedded_lists

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
        shared_lists.list_kind,
        3 * recipes.recipe_number + shared_lists.kind_number as list_group,
        shared_lists.list_id,
        shared_lists.tweet_id,
        shared_lists.tweet_score,
        cast(null as float64) as squared_norm

    from recipes

    cross join shared_lists

    where case shared_lists.list_kind when 'tweet' then recipes.neighbor_share else recipes.author_share end > 0
)

select * from lists

{{ stored_in_order(['list_group', 'list_id', 'tweet_id']) }}
