{{ config(
    cluster_by = ['index_name', 'cluster_id', 'tweet_rank'],
    hours_to_expiration = var('index_expiration_hours') or none
) }}

{# More than there are. #}
{% set all_clusters = 1000000000 %}

with

tweets as (select tweet_id, created_at from {{ ref('stg_tweets') }}),

{# Fav rates and persistent vectors are embeddings of their own, and their indexes turn them around. #}
recipes as (
    select index_name, coalesce(vectors_of, index_name) as vectors_of, list_order, tweets_per_cluster, intersected_index_name
    from {{ ref('engagement_index_recipes') }} where list_order <> 'direction'
    union all
    select
        embedding_type as index_name, embedding_type as vectors_of, 'score' as list_order, tweets_per_cluster,
        cast(null as string) as intersected_index_name
    from {{ ref('fav_rate_recipes') }} where tweets_per_cluster is not null
    union all
    select
        index_name, index_name as vectors_of, 'score' as list_order, tweets_per_cluster, cast(null as string) as intersected_index_name
    from {{ ref('tweet_snapshot_recipes') }} where index_name is not null
),

{# A number in place of two columns: searches join by it. #}
index_numbers as (select index_name, row_number() over (order by index_name) as index_number from recipes),
tweet_scores as (
    select vectors_of, list_day, cluster_id, tweet_id, engagement_count, tweet_score
    from {{ ref('int_listed_tweet_scores') }}
),

tweet_norms as (
    select vectors_of, tweet_id, cast(sum(tweet_score * tweet_score) as float64) as tweet_squared_norm

    from tweet_scores

    where vectors_of in (select recipes.vectors_of from recipes)

    group by vectors_of, tweet_id
),

{#
    A list is in the order of what its entries add to a score: to a dot product or to a log-cosine. Of equal ones the larger tweet_score
    comes first, as a search breaks the tie by the dot product.
#}
top_tweets as (
    select
        recipes.index_name,
        recipes.intersected_index_name,
        tweet_scores.list_day,
        tweet_scores.cluster_id,
        tweet_scores.tweet_id,
        tweet_scores.engagement_count,
        tweet_norms.tweet_squared_norm,
        tweet_scores.tweet_score,
        case recipes.list_order
            when 'log_cosine' then tweet_scores.tweet_score / nullif({{ log_one_plus('tweet_norms.tweet_squared_norm') }}, 0)
            else tweet_scores.tweet_score
        end as order_score

    from recipes

    inner join tweet_scores on recipes.vectors_of = tweet_scores.vectors_of

    inner join tweet_norms
        on tweet_scores.vectors_of = tweet_norms.vectors_of
            and tweet_scores.tweet_id = tweet_norms.tweet_id

    qualify {{ top_k_per(
        ['recipes.index_name', 'tweet_scores.cluster_id', 'tweet_scores.list_day'],
        ['order_score', 'tweet_scores.tweet_score'], 'tweet_scores.tweet_id', 'recipes.tweets_per_cluster'
    ) }}
),

{# The cut comes first, so an intersected index can be shorter than its length. #}
intersected_tweets as (
    select
        top_tweets.index_name, top_tweets.list_day, top_tweets.cluster_id, top_tweets.tweet_id, top_tweets.engagement_count,
        top_tweets.tweet_squared_norm, top_tweets.tweet_score, top_tweets.order_score

    from top_tweets

    left join top_tweets as other_index
        on top_tweets.intersected_index_name = other_index.index_name
            and top_tweets.cluster_id = other_index.cluster_id
            and top_tweets.tweet_id = other_index.tweet_id

    where top_tweets.intersected_index_name is null or other_index.tweet_id is not null
),

{# Stored in the order of look-ups. #}
final_ranks as (
    select
        intersected_tweets.index_name,
        intersected_tweets.cluster_id,
        index_numbers.index_number * {{ all_clusters }} + intersected_tweets.cluster_id as index_list_id,
        intersected_tweets.tweet_id,
        {{ rank_per(
            ['intersected_tweets.index_name', 'intersected_tweets.cluster_id', 'intersected_tweets.list_day'],
            ['intersected_tweets.order_score', 'intersected_tweets.tweet_score'], 'intersected_tweets.tweet_id'
        ) }} as tweet_rank,
        intersected_tweets.list_day,
        coalesce(tweets.created_at, {{ snowflake_created_at('intersected_tweets.tweet_id') }}) as created_at,
        intersected_tweets.engagement_count,
        intersected_tweets.tweet_squared_norm,
        intersected_tweets.tweet_score,
        intersected_tweets.order_score

    from intersected_tweets

    inner join index_numbers on intersected_tweets.index_name = index_numbers.index_name
    left join tweets on intersected_tweets.tweet_id = tweets.tweet_id
)

select * from final_ranks

{{ stored_in_order(['index_name', 'cluster_id', 'tweet_rank']) }}
