{{ config(materialized = 'bucketed_table', meta = {'rows_per_bucket': var('rows_per_bucket')}) }}

{# Each kept follow meets the follows of everybody who follows the same producer, once per activity power. #}
{{ buckets_by_rows(ref('int_trial_follows'), 'consumer_id', rows_each='2 * cast(avg(co_follow_count) as int64)') }}

with

trial_follows as (
    select consumer_id, producer_position, is_held_out
    from {{ ref('int_trial_follows') }} where {{ bucket_filter('consumer_id') }}
),
follows as (select consumer_id, producer_position from {{ ref('int_similarity_follows') }}),
producers as (select producer_position, follower_count, sampled_share from {{ ref('int_similarity_producers') }}),
activity_powers as (select distinct activity_power from {{ ref('co_follow_recipes') }}),

consumer_weights as (
    select
        follow_counts.consumer_id,
        activity_powers.activity_power,
        pow(follow_counts.follow_count, -activity_powers.activity_power) as consumer_weight

    from (select consumer_id, count(*) as follow_count from follows group by consumer_id) as follow_counts

    cross join activity_powers
),

{# What the drawn consumer holds of a producer is not read: everybody else's follows are. #}
known_follows as (
    select
        trial_follows.consumer_id,
        follows.consumer_id as other_consumer_id,
        producers.sampled_share,
        1 / sqrt(cast(producers.follower_count as float64)) as known_weight

    from trial_follows

    inner join producers on trial_follows.producer_position = producers.producer_position
    inner join follows on trial_follows.producer_position = follows.producer_position

    where not trial_follows.is_held_out
        and trial_follows.consumer_id <> follows.consumer_id
),

scores as (
    select
        known_follows.consumer_id,
        consumer_weights.activity_power,
        follows.producer_position,
        cast(
            sum(known_follows.known_weight * consumer_weights.consumer_weight / least(known_follows.sampled_share, producers.sampled_share))
            as float64
        ) as co_follow_score

    from known_follows

    inner join follows on known_follows.other_consumer_id = follows.consumer_id
    inner join consumer_weights on known_follows.other_consumer_id = consumer_weights.consumer_id
    inner join producers on follows.producer_position = producers.producer_position

    group by known_follows.consumer_id, consumer_weights.activity_power, follows.producer_position
),

new_producers as (
    select
        scores.consumer_id,
        scores.activity_power,
        scores.producer_position,
        trial_follows.producer_position is not null as is_held_out,
        scores.co_follow_score

    from scores

    left join trial_follows
        on scores.consumer_id = trial_follows.consumer_id
            and scores.producer_position = trial_follows.producer_position

    where coalesce(trial_follows.is_held_out, true)
)

select * from new_producers
