{{ config(materialized = 'kernel_table' if runs_kernel('products') else 'table') }}

{% set cutoff = 20 %}

with

all_follows as (select consumer_id, producer_id, is_drawn, is_held_out from {{ ref('int_fit_follows') }}),
coarse_members as (select producer_id, cluster_id from {{ ref('known_for_before_opt_outs') }}),
fine_members as (select producer_id, cluster_id from {{ ref('fine_known_for') }}),
recipes as (
    select
        preference,
        length_power,
        regression_penalty * consumer_share as regression_penalty,
        dense_rank() over (order by regression_penalty) as fit_number

    from {{ ref('int_fit_recipes') }}
),

members as (
    select producer_id, cluster_id from coarse_members
    union all
    select producer_id, cluster_id from fine_members
),

follows as (select consumer_id, producer_id from all_follows where not is_held_out),
fits as (select distinct 1 as variant, fit_number as new_variant, regression_penalty from recipes),

{{ fitted_interests('interests') }},

{{ fitted_vectors('vectors', 'interests', 'fits') }},

drawn_consumers as (select distinct consumer_id from all_follows where is_drawn),

sums as (
    select
        vectors.variant,
        interests.consumer_id,
        vectors.producer_id,
        sum(interests.interest_score * vectors.producer_score) as fitted_sum,
        max(vectors.vector_length) as vector_length

    from interests

    inner join drawn_consumers on interests.consumer_id = drawn_consumers.consumer_id

    inner join vectors on interests.cluster_id = vectors.cluster_id

    group by vectors.variant, interests.consumer_id, vectors.producer_id
),

scores as (
    select
        recipes.preference,
        sums.consumer_id,
        sums.producer_id,
        coalesce(all_follows.is_held_out, false) as is_held_out,
        sums.fitted_sum * pow(sums.vector_length, recipes.length_power) as fitted_score

    from sums

    inner join recipes on sums.variant = recipes.fit_number

    left join all_follows
        on sums.consumer_id = all_follows.consumer_id
            and sums.producer_id = all_follows.producer_id

    where coalesce(all_follows.is_held_out, true)
),

ranked_producers as (
    select
        preference,
        consumer_id,
        producer_id,
        is_held_out,
        {{ rank_per(['preference', 'consumer_id'], 'fitted_score', 'producer_id') }} as producer_rank

    from scores

    where {{ rounded_score('fitted_score') }} > 0

    qualify producer_rank <= {{ cutoff }}
),

hits as (select preference, consumer_id, producer_id, producer_rank from ranked_producers where is_held_out)

select * from hits
