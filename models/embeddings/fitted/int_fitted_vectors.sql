{{ config(materialized = 'kernel_table' if runs_kernel('products') else 'table', cluster_by = ['producer_id', 'cluster_id']) }}

{% set passes = 2 %}

with

follows as (select consumer_id, producer_id from {{ ref('int_eligible_follows') }}),
members as (select producer_id, cluster_id from {{ ref('fine_known_for') }}),
trials as (select regression_penalty, cluster_power from {{ ref('fit_trials') }} where is_chosen),

powers as (select 1 as variant, cluster_power from trials),
recipes as (select 1 as variant, 1 as new_variant, regression_penalty from trials),

{{ fitted_starts() }},

{% for pass in range(1, passes + 1) %}
    {{ fitted_interests('interests_' ~ pass, 'starts' if pass == 1 else 'vectors_' ~ (pass - 1)) }},

    {{ fitted_vectors('vectors_' ~ pass, 'interests_' ~ pass, 'recipes') }},
{% endfor %}

vectors as (
    select
        producer_id,
        cluster_id,
        cast({{ rounded_score('producer_score') }} as float64) as producer_score,
        cast({{ rounded_score('vector_length') }} as float64) as vector_length

    from vectors_{{ passes }}
)

select * from vectors
