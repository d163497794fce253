{% set minimum_cap = var('recipe_minimum_cap') %}
{% set time_factor = recipe_time_factor() %}
{% set score_override = var('consumer_score') %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),

recipes as (
    select
        embedding_type, pair_name, {{ recipe_consumer_score(score_override, ref('int_graph_settings')) }} as consumer_score,
        half_life_hours * {{ time_factor }} as half_life_hours, {{ recipe_minimum('minimum_favers', minimum_cap) }} as minimum_favers,
        clusters_per_tweet
    from {{ ref('tweet_embedding_recipes') }}
),

engagement_pairs as (select pair_name, user_id, tweet_id, engaged_at from {{ ref('int_engagement_pairs') }} where is_new_tweet),
consumer_scores as (
    select consumer_score, consumer_id, cluster_id, interested_in_score_cluster_normalized
    from {{ ref('consumer_scores') }}
),

faver_counts as (select pair_name, tweet_id, count(distinct user_id) as faver_count from engagement_pairs group by pair_name, tweet_id),

accepted_tweets as (
    select recipes.embedding_type, faver_counts.tweet_id

    from recipes

    inner join faver_counts
        on recipes.pair_name = faver_counts.pair_name
            and recipes.minimum_favers <= faver_counts.faver_count
),

{{ faded_tweet_scores('embedding_type', recipe_columns=['clusters_per_tweet']) }},

fav_scores as (select embedding_type, tweet_id, cluster_id, clusters_per_tweet, tweet_score from tweet_scores)

select * from fav_scores
