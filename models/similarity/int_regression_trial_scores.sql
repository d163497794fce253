{{ config(enabled = engine_of('similarity') == 'sql', materialized = 'view') }}

with

recipes as (select preference, popularity_power, added_means, crowding_power from {{ ref('int_co_follow_recipes') }}),
lists as (
    select preference, fold_number, producer_position, known_position, coefficient from {{ ref('int_regression_lists') }}
),
trial_follows as (select consumer_id, producer_position, is_held_out, fold_number from {{ ref('int_trial_follows') }}),
producers as (select producer_position, follower_count from {{ ref('int_similarity_producers') }}),
crowdings as (select producer_position, crowding from {{ ref('int_producer_crowdings') }}),

folds as (select fold_number, count(case when is_held_out then 1 end) as held_out_count from trial_follows group by fold_number),
held_out_counts as (
    select fold_number, producer_position, count(*) as held_out_count
    from trial_follows where is_held_out group by fold_number, producer_position
),
all_followers as (select sum(follower_count) as follower_count, count(*) as producer_count from producers),

{# Followers as if what is held out of the fold were still to come. #}
fold_producers as (
    select
        folds.fold_number,
        producers.producer_position,
        crowdings.crowding,
        greatest(producers.follower_count - coalesce(held_out_counts.held_out_count, 0), 1)
        / ((all_followers.follower_count - folds.held_out_count) / all_followers.producer_count) as relative_followers

    from producers

    cross join folds
    cross join all_followers
    inner join crowdings on producers.producer_position = crowdings.producer_position

    left join held_out_counts
        on folds.fold_number = held_out_counts.fold_number
            and producers.producer_position = held_out_counts.producer_position
),

coefficients as (
    select
        lists.preference,
        trial_follows.consumer_id,
        trial_follows.fold_number,
        lists.producer_position,
        sum(lists.coefficient) as coefficient

    from trial_follows

    inner join lists
        on trial_follows.fold_number = lists.fold_number
            and trial_follows.producer_position = lists.known_position

    where not trial_follows.is_held_out

    group by lists.preference, trial_follows.consumer_id, trial_follows.fold_number, lists.producer_position
),

scores as (
    select
        coefficients.preference,
        coefficients.consumer_id,
        coefficients.producer_position,
        coalesce(trial_follows.is_held_out, false) as is_held_out,
        {{ rounded_score(
            'coefficients.coefficient * pow(recipes.added_means + fold_producers.relative_followers, -recipes.popularity_power)'
            ~ ' * pow(fold_producers.crowding, -recipes.crowding_power)'
        ) }} as co_follow_score

    from coefficients

    inner join recipes on coefficients.preference = recipes.preference

    inner join fold_producers
        on coefficients.fold_number = fold_producers.fold_number
            and coefficients.producer_position = fold_producers.producer_position

    left join trial_follows
        on coefficients.consumer_id = trial_follows.consumer_id
            and coefficients.producer_position = trial_follows.producer_position

    where coalesce(trial_follows.is_held_out, true)
)

select * from scores
