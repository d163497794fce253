{{ config(enabled = engine_of('similarity') == 'sql') }}

{# Conjugate gradients, scaled by the diagonal: as STEPS of the kernel. #}
{% set steps = 4 %}

with

equations as (
    select fold_number, producer_position, known_position, other_position, follower_weight from {{ ref('int_regression_equations') }}
),
pairs as (select fold_number, producer_position, other_position, follower_weight from {{ ref('int_regression_pairs') }}),
recipes as (select preference, regression_penalty from {{ ref('int_co_follow_recipes') }} where regression_penalty > 0),
producers as (select follower_count from {{ ref('int_similarity_producers') }}),
trial_follows as (select fold_number, is_held_out from {{ ref('int_trial_follows') }}),

follower_counts as (select sum(follower_count) as follower_count from producers),
fold_weights as (
    select fold_number, sum(follower_weight) as follower_weight from pairs where producer_position = other_position group by fold_number
),
held_out_counts as (select fold_number, count(*) as held_out_count from trial_follows where is_held_out group by fold_number),

follow_weights as (
    select
        fold_weights.fold_number,
        fold_weights.follower_weight
        / (follower_counts.follower_count - coalesce(held_out_counts.held_out_count, 0)) as follow_weight

    from fold_weights

    cross join follower_counts
    left join held_out_counts on fold_weights.fold_number = held_out_counts.fold_number
),

unknowns as (
    select
        fold_number,
        producer_position,
        known_position,
        sum(case when other_position = producer_position then follower_weight else 0.0 end) as residual,
        max(case when other_position = known_position then follower_weight end) as own_weight

    from equations

    group by fold_number, producer_position, known_position
),

penalties as (
    select
        unknowns.fold_number,
        unknowns.producer_position,
        unknowns.known_position,
        unknowns.residual,
        unknowns.own_weight,
        recipes.preference,
        recipes.regression_penalty * sqrt(unknowns.own_weight * follow_weights.follow_weight) as penalty

    from unknowns

    cross join recipes
    inner join follow_weights on unknowns.fold_number = follow_weights.fold_number
),

step_0 as (
    select
        fold_number,
        producer_position,
        preference,
        known_position,
        penalty,
        1 / (own_weight + penalty) as scale,
        0.0 as coefficient,
        residual,
        residual / (own_weight + penalty) as direction,
        sum(residual * residual / (own_weight + penalty))
            over (partition by preference, fold_number, producer_position) as size

    from penalties
),

{{ conjugate_gradient_steps(steps) }},

lists as (
    select preference, fold_number, producer_position, known_position, cast(coefficient as float64) as coefficient
    from step_{{ steps }} where {{ rounded_score('coefficient') }} > 0
)

select * from lists
