{{ config(materialized = 'view') }}

with

recipes as (
    select
        candidate_type, interest_type, interest_score, cluster_norm_power, embedding_type, producer_norm_power, popularity_power,
        clusters_per_consumer, producers_per_cluster, neighbor_share, follower_share, producers_per_consumer, is_for_comparison
    from {{ ref('producer_candidate_recipes') }}
),
fit_trials as (select community_share from {{ ref('fit_trials') }} where is_chosen),

resolved_recipes as (
    select
        recipes.candidate_type,
        row_number() over (order by recipes.candidate_type) as recipe_number,
        recipes.interest_type,
        recipes.interest_score,
        recipes.cluster_norm_power,
        recipes.embedding_type,
        recipes.producer_norm_power,
        recipes.popularity_power,
        recipes.clusters_per_consumer,
        recipes.producers_per_cluster,
        coalesce(recipes.neighbor_share, 1 - fit_trials.community_share) as neighbor_share,
        recipes.follower_share,
        recipes.producers_per_consumer,
        recipes.is_for_comparison

    from recipes

    cross join fit_trials
)

select * from resolved_recipes
