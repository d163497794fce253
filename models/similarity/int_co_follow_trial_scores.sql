{{ config(enabled = engine_of('similarity') == 'sql', materialized = 'view') }}
{# A join of its own for each way to weigh a list would cost most of the trial. So each has a column, as many as there may be. #}

with

recipes as (
    select known_power, activity_power, deducted_followers, {{ list_way_number() }} as way_number
    from {{ ref('int_co_follow_recipes') }} where regression_penalty = 0
),
trial_follows as (select consumer_id, producer_position, is_held_out from {{ ref('int_trial_follows') }}),
follows as (select consumer_id, producer_position from {{ ref('int_similarity_follows') }}),
producers as (select producer_position, follower_count, sampled_share from {{ ref('int_similarity_producers') }}),

ways_in_columns as (
    select
        {{ for_list_ways('max(case when way_number = # then known_power end) as known_power_#') }},
        {{ for_list_ways('max(case when way_number = # then activity_power end) as activity_power_#') }},
        {{ for_list_ways('max(case when way_number = # then deducted_followers end) as deducted_followers_#') }}

    from recipes
),

follow_counts as (select consumer_id, count(*) as follow_count from follows group by consumer_id),

consumer_weights as (
    select
        follow_counts.consumer_id,
        {{ for_list_ways('pow(follow_counts.follow_count, -ways_in_columns.activity_power_#) as weight_#') }}

    from follow_counts

    cross join ways_in_columns
),

known_weights as (
    select
        producers.producer_position,
        producers.follower_count,
        producers.sampled_share,
        {{ for_list_ways('pow(producers.follower_count, -ways_in_columns.known_power_#) as weight_#') }},
        {{ for_list_ways('ways_in_columns.deducted_followers_#') }}

    from producers

    cross join ways_in_columns
),

{# What the drawn consumer holds of a producer is not read: everybody else's follows are. #}
listed_producers as (
    select
        trial_follows.consumer_id,
        trial_follows.producer_position as known_position,
        found_follow.producer_position,
        count(*) as common_follower_count,
        {{ for_list_ways('sum(consumer_weights.weight_#) as weight_#') }}

    from trial_follows

    inner join follows as known_follow on trial_follows.producer_position = known_follow.producer_position
    inner join consumer_weights on known_follow.consumer_id = consumer_weights.consumer_id
    inner join follows as found_follow on known_follow.consumer_id = found_follow.consumer_id

    where not trial_follows.is_held_out
        and trial_follows.consumer_id <> known_follow.consumer_id

    group by trial_follows.consumer_id, trial_follows.producer_position, found_follow.producer_position
),

found_producers as (
    select
        listed_producers.consumer_id,
        listed_producers.producer_position,
        {{ for_list_ways(
            'sum(listed_producers.weight_# * known_weights.weight_# * (1 / least(known_weights.sampled_share, producers.sampled_share)'
            ~ ' - known_weights.deducted_followers_# / listed_producers.common_follower_count)) as score_#'
        ) }}

    from listed_producers

    inner join known_weights on listed_producers.known_position = known_weights.producer_position
    inner join producers on listed_producers.producer_position = producers.producer_position

    group by listed_producers.consumer_id, listed_producers.producer_position
)

select * from found_producers
