{% set minimum_cap = var('recipe_minimum_cap') %}
{% set time_factor = var('recipe_time_factor') %}
{% set score_override = var('consumer_score') %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),

recipes as (

    select
        embedding_type,
        pair_name,
        {{ recipe_consumer_score(score_override) }} as consumer_score,
        half_life_hours * {{ time_factor }} as half_life_hours,
        {{ recipe_minimum('minimum_favers', minimum_cap) }} as minimum_favers,
        clusters_per_tweet

    from {{ ref('tweet_embedding_recipes') }}

),

engagement_pairs as (select pair_name, user_id, tweet_id, engaged_at from {{ ref('int_engagement_pairs') }} where is_new_tweet),
consumer_scores as (
    select consumer_score, consumer_id, cluster_id, interested_in_score_cluster_normalized
    from {{ ref('consumer_scores') }}
),

faver_counts as (

    select
        pair_name,
        tweet_id,
        count(distinct user_id) as faver_count

    from engagement_pairs

    group by pair_name, tweet_id

),

{# A tweet starts empty. Each fav adds the interests of the user, which fade with the age of the fav. #}
tweet_scores as (

    select
        recipes.embedding_type,
        engagement_pairs.tweet_id,
        consumer_scores.cluster_id,
        recipes.clusters_per_tweet,
        cast(sum(
            consumer_scores.interested_in_score_cluster_normalized
            * {{ half_life_decay('engagement_pairs.engaged_at', 'as_of.as_of', 'recipes.half_life_hours') }}
        ) as float64) as tweet_score

    from recipes

    cross join as_of

    inner join faver_counts
        on recipes.pair_name = faver_counts.pair_name
            and recipes.minimum_favers <= faver_counts.faver_count

    inner join engagement_pairs
        on faver_counts.pair_name = engagement_pairs.pair_name
            and faver_counts.tweet_id = engagement_pairs.tweet_id

    inner join consumer_scores
        on recipes.consumer_score = consumer_scores.consumer_score
            and engagement_pairs.user_id = consumer_scores.consumer_id

    group by recipes.embedding_type, engagement_pairs.tweet_id, consumer_scores.cluster_id, recipes.clusters_per_tweet

)

select * from tweet_scores
