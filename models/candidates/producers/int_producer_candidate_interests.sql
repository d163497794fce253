{{ config(cluster_by = ['consumer_id', 'candidate_type']) }}

{# By name: each score as it is, and divided by its norm over the consumers of the community. #}
{% set raw_columns = {
    'follow': 'follow_score',
    'follow_producer_normalized': 'follow_score_producer_normalized',
    'fav': 'fav_score',
    'fav_producer_normalized': 'fav_score_producer_normalized',
    'log_fav': 'log_fav_score',
} %}
{% set normalized_columns = {} %}
{% for name, column in raw_columns.items() %}
    {% do normalized_columns.update({name: interest_scores()[column]}) %}
{% endfor %}
{% set all_columns = (raw_columns.values() | list) + (normalized_columns.values() | list) %}

with

recipes as (
    select candidate_type, interest_type, interest_score, cluster_norm_power, clusters_per_consumer, is_for_comparison
    from {{ ref('int_producer_candidate_recipes') }}
),

interests as (
    select
        'known_for' as interest_type,
        consumer_id,
        cluster_id,
        {{ all_columns | join(',\n        ') }}

    from {{ ref('interested_in') }}

    union all

    select
        interest_type,
        consumer_id,
        cluster_id,
        {{ all_columns | join(',\n        ') }}

    from {{ ref('interested_in_variants') }}

    union all

    {# One score, under every name. #}
    select
        'fitted' as interest_type,
        consumer_id,
        cluster_id,
        {% for column in all_columns -%}
        interest_score as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}

    from {{ ref('fitted_interests') }}
),

chosen_scores as (
    select
        recipes.candidate_type,
        interests.consumer_id,
        interests.cluster_id,
        recipes.cluster_norm_power,
        recipes.clusters_per_consumer,
        {{ score_named('recipes.interest_score', raw_columns) }} as raw_score,
        {{ score_named('recipes.interest_score', normalized_columns) }} as normalized_score

    from recipes

    inner join interests on recipes.interest_type = interests.interest_type

    where {{ is_recipe_for('interests.consumer_id', 'recipes.is_for_comparison', ref('int_graph_settings')) }}
),

{# This is score / norm^power, computed from score and score / norm, because the norm is not stored. #}
weights as (
    select
        candidate_type,
        consumer_id,
        cluster_id,
        clusters_per_consumer,
        pow(raw_score, 1 - cluster_norm_power) * pow(normalized_score, cluster_norm_power) as interest_weight

    from chosen_scores

    where raw_score > 0
),

kept_weights as (
    select candidate_type, consumer_id, cluster_id, interest_weight

    from weights

    qualify {{ top_k_per(['candidate_type', 'consumer_id'], 'interest_weight', 'cluster_id', 'clusters_per_consumer') }}
)

select * from kept_weights

{{ stored_in_order(['consumer_id', 'candidate_type']) }}
