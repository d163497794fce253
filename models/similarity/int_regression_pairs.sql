{{ config(enabled = engine_of('similarity') == 'sql') }}

{% set earlier = earlier_trials() %}

with

recipes as (select activity_power, regression_penalty from {{ ref('int_co_follow_recipes') }}),
follows as (select consumer_id, producer_position from {{ ref('int_similarity_follows') }}),
trial_follows as (select consumer_id, producer_position, is_held_out, fold_number from {{ ref('int_trial_follows') }}),
producers as (select producer_position, sampled_share from {{ ref('int_similarity_producers') }}),

{# One: assert_recipes_name_what_exists sees to it. #}
activity_powers as (select distinct activity_power from recipes where regression_penalty > 0),

{# The fold 0 leaves nothing out. Its lists are needed where a trial may choose them, or the last one did. #}
folds as (
    select distinct fold_number from trial_follows
    union all
    select 0 as fold_number from (
        select 1 as is_needed from trial_follows
        union all
        select 1 as is_needed from (select min(regression_penalty) as least_penalty from recipes) as penalties where least_penalty > 0
        {% if earlier -%}
            union all
            select 1 as is_needed from {{ earlier }} as earlier where is_chosen and regression_penalty > 0
        {%- endif %}
        limit 1
    ) as needs
),

fold_follows as (
    select
        folds.fold_number,
        activity_powers.activity_power,
        follows.consumer_id,
        follows.producer_position,
        producers.sampled_share

    from follows

    cross join folds
    cross join activity_powers
    inner join producers on follows.producer_position = producers.producer_position

    left join trial_follows
        on folds.fold_number = trial_follows.fold_number
            and follows.consumer_id = trial_follows.consumer_id
            and follows.producer_position = trial_follows.producer_position
            and trial_follows.is_held_out

    where trial_follows.consumer_id is null
),

consumer_weights as (
    select fold_number, consumer_id, pow(count(*), -activity_power) as consumer_weight
    from fold_follows group by fold_number, consumer_id, activity_power
),

{# Each producer also with itself. #}
pairs as (
    select
        known_follow.fold_number,
        known_follow.producer_position,
        found_follow.producer_position as other_position,
        sum(consumer_weights.consumer_weight) / least(min(known_follow.sampled_share), min(found_follow.sampled_share)) as follower_weight

    from fold_follows as known_follow

    inner join consumer_weights
        on known_follow.fold_number = consumer_weights.fold_number
            and known_follow.consumer_id = consumer_weights.consumer_id

    inner join fold_follows as found_follow
        on known_follow.fold_number = found_follow.fold_number
            and known_follow.consumer_id = found_follow.consumer_id

    group by known_follow.fold_number, known_follow.producer_position, found_follow.producer_position
)

select * from pairs
