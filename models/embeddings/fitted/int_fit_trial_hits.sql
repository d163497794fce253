{{ config(materialized = 'kernel_table' if runs_kernel('products') else 'table') }}

{% set cutoff = 20 %}

with

all_follows as (select consumer_id, producer_id, is_drawn, is_held_out from {{ ref('int_fit_follows') }}),
members as (select producer_id, cluster_id from {{ ref('fine_known_for') }}),
recipes as (
    select
        preference,
        length_power,
        cluster_power,
        regression_penalty * consumer_share as regression_penalty,
        dense_rank() over (order by cluster_power) as power_number,
        1000 + dense_rank() over (order by cluster_power, regression_penalty) as fit_number

    from {{ ref('int_fit_recipes') }}
),

follows as (select consumer_id, producer_id from all_follows where not is_held_out),
fits as (select distinct power_number as variant, fit_number as new_variant, regression_penalty from recipes),
{# Vectors that start a fit differ by the power alone, and those that were fitted by the penalty too. #}
powers as (
    select distinct power_number as variant, cluster_power from recipes
    union all
    select distinct fit_number as variant, cluster_power from recipes
),

{{ fitted_starts() }},

first_vectors as (select variant, producer_id, cluster_id, producer_score from starts where variant < 1000),

{{ fitted_interests('first_interests', 'first_vectors') }},

{{ fitted_vectors('vectors', 'first_interests', 'fits') }},

{{ fitted_interests('interests', 'vectors') }},

drawn_consumers as (select distinct consumer_id from all_follows where is_drawn),

sums as (
    select
        interests.variant,
        interests.consumer_id,
        vectors.producer_id,
        sum(interests.interest_score * vectors.producer_score) as fitted_sum,
        max(vectors.vector_length) as vector_length

    from interests

    inner join drawn_consumers on interests.consumer_id = drawn_consumers.consumer_id

    inner join vectors
        on interests.variant = vectors.variant
            and interests.cluster_id = vectors.cluster_id

    group by interests.variant, interests.consumer_id, vectors.producer_id
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
