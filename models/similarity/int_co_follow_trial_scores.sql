{{ config(enabled = engine_of('similarity') == 'sql', materialized = 'view') }}
{# A join of its own for each pair of powers would cost most of the trial. So each has a column, as many as `co_follow_recipes` may hold. #}

with

recipes as (select known_power, activity_power, {{ power_pair_number() }} as pair_number from {{ ref('co_follow_recipes') }}),
trial_follows as (select consumer_id, producer_position, is_held_out from {{ ref('int_trial_follows') }}),
follows as (select consumer_id, producer_position from {{ ref('int_similarity_follows') }}),
producers as (select producer_position, follower_count, sampled_share from {{ ref('int_similarity_producers') }}),

pairs_in_columns as (
    select
        {{ for_power_pairs('max(case when pair_number = # then known_power end) as known_power_#') }},
        {{ for_power_pairs('max(case when pair_number = # then activity_power end) as activity_power_#') }}

    from recipes
),

follow_counts as (select consumer_id, count(*) as follow_count from follows group by consumer_id),

{# What the drawn consumer holds of a producer is not read: everybody else's follows are. Those who share many follows are joined once. #}
like_minded_consumers as (
    select
        trial_follows.consumer_id,
        follows.consumer_id as other_consumer_id,
        {{ for_power_pairs('sum(pow(producers.follower_count, -pairs_in_columns.known_power_#)) as known_weight_#') }},
        producers.sampled_share

    from trial_follows

    cross join pairs_in_columns
    inner join producers on trial_follows.producer_position = producers.producer_position
    inner join follows on trial_follows.producer_position = follows.producer_position

    where not trial_follows.is_held_out
        and trial_follows.consumer_id <> follows.consumer_id

    group by trial_follows.consumer_id, follows.consumer_id, producers.sampled_share
),

consumer_weights as (
    select
        like_minded_consumers.consumer_id,
        like_minded_consumers.other_consumer_id,
        {{ for_power_pairs(
            'like_minded_consumers.known_weight_# * pow(follow_counts.follow_count, -pairs_in_columns.activity_power_#) as consumer_weight_#'
        ) }},
        like_minded_consumers.sampled_share

    from like_minded_consumers

    cross join pairs_in_columns
    inner join follow_counts on like_minded_consumers.other_consumer_id = follow_counts.consumer_id
),

found_producers as (
    select
        consumer_weights.consumer_id,
        follows.producer_position,
        {{ for_power_pairs(
            'sum(consumer_weights.consumer_weight_# / least(consumer_weights.sampled_share, producers.sampled_share)) as score_#'
        ) }}

    from consumer_weights

    inner join follows on consumer_weights.other_consumer_id = follows.consumer_id
    inner join producers on follows.producer_position = producers.producer_position

    group by consumer_weights.consumer_id, follows.producer_position
)

select * from found_producers
