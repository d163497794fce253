{{ config(materialized = 'view') }}

{% set score_override = var('consumer_score') %}

with

recipes as (
    select candidate_type, {{ recipe_consumer_score(score_override, ref('int_graph_settings')) }} as consumer_score, clusters_per_consumer
    from {{ ref('candidate_recipes') }}
),
consumer_scores as (select consumer_score, consumer_id, cluster_id, interested_in_score from {{ ref('consumer_scores') }}),

query_clusters as (
    select recipes.candidate_type, consumer_scores.consumer_id, consumer_scores.cluster_id, consumer_scores.interested_in_score

    from recipes

    inner join consumer_scores on recipes.consumer_score = consumer_scores.consumer_score

    qualify {{ rank_per(
        ['recipes.candidate_type', 'consumer_scores.consumer_id'], 'consumer_scores.interested_in_score', 'consumer_scores.cluster_id'
    ) }} <= recipes.clusters_per_consumer
)

select * from query_clusters
