{{ config(cluster_by = ['consumer_id', 'candidate_type']) }}
{% set score_override = var('consumer_score') %}

with

recipes as (
    select
        candidate_type, {{ recipe_consumer_score(score_override, ref('int_graph_settings')) }} as consumer_score, clusters_per_consumer,
        is_for_comparison
    from {{ ref('candidate_recipes') }}
),
consumer_scores as (select consumer_score, consumer_id, cluster_id, interested_in_score from {{ ref('consumer_scores') }}),

interests as (
    select
        recipes.candidate_type,
        consumer_scores.consumer_id,
        consumer_scores.cluster_id,
        consumer_scores.interested_in_score as interest_weight

    from recipes

    inner join consumer_scores on recipes.consumer_score = consumer_scores.consumer_score

    where {{ is_recipe_for('consumer_scores.consumer_id', 'recipes.is_for_comparison', ref('int_graph_settings')) }}

    qualify {{ rank_per(
        ['recipes.candidate_type', 'consumer_scores.consumer_id'], 'consumer_scores.interested_in_score', 'consumer_scores.cluster_id'
    ) }} <= recipes.clusters_per_consumer
)

select * from interests

{{ stored_in_order(['consumer_id', 'candidate_type']) }}
