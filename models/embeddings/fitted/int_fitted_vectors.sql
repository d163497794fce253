{{ config(materialized = 'kernel_table' if runs_kernel('products') else 'table', cluster_by = ['producer_id', 'cluster_id']) }}

with

follows as (select consumer_id, producer_id from {{ ref('int_eligible_follows') }}),
coarse_members as (select producer_id, cluster_id from {{ ref('known_for_before_opt_outs') }}),
fine_members as (select producer_id, cluster_id from {{ ref('fine_known_for') }}),

members as (
    select producer_id, cluster_id from coarse_members
    union all
    select producer_id, cluster_id from fine_members
),

recipes as (select 1 as variant, 1 as new_variant, regression_penalty from {{ ref('fit_trials') }} where is_chosen),

{{ fitted_interests('interests') }},

{{ fitted_vectors('vectors', 'interests', 'recipes') }},

rounded_vectors as (
    select
        producer_id,
        cluster_id,
        cast({{ rounded_score('producer_score') }} as float64) as producer_score,
        cast({{ rounded_score('vector_length') }} as float64) as vector_length

    from vectors
)

select * from rounded_vectors
