{{ config(
    enabled = engine_of('similarity') == 'sql',
    materialized = 'bucketed_table',
    cluster_by = ['producer_id', 'producer_rank'],
    meta = {'rows_per_bucket': var('rows_per_bucket')}
) }}

{{ buckets_by_join(ref('int_similarity_follows'), 'producer_position', ref('int_similarity_follows'), on=['consumer_id']) }}

with

follows as (select consumer_id, producer_position from {{ ref('int_similarity_follows') }}),
producers as (select producer_id, producer_position, follower_count, sampled_share from {{ ref('int_similarity_producers') }}),
chosen_powers as (select activity_power, popularity_power from {{ ref('co_follow_trials') }} where is_chosen),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'co_followed_producers'),
mean_followers as (select avg(follower_count) as mean_follower_count from producers),

consumer_weights as (
    select
        follow_counts.consumer_id,
        pow(follow_counts.follow_count, -chosen_powers.activity_power) as consumer_weight

    from (select consumer_id, count(*) as follow_count from follows group by consumer_id) as follow_counts

    cross join chosen_powers
),

found_producers as (
    select
        known_follow.producer_position,
        found_follow.producer_position as found_position,
        sum(consumer_weights.consumer_weight) as follower_weight

    from follows as known_follow

    inner join consumer_weights on known_follow.consumer_id = consumer_weights.consumer_id

    inner join follows as found_follow
        on known_follow.consumer_id = found_follow.consumer_id
            and known_follow.producer_position <> found_follow.producer_position

    where {{ bucket_filter('known_follow.producer_position') }}

    group by known_follow.producer_position, found_follow.producer_position
),

{# The mean number of followers is added, so that a few followers more do not decide among producers that hardly anybody follows. #}
scored_producers as (
    select
        known_producers.producer_id,
        producers.producer_id as co_followed_producer_id,
        cast(
            found_producers.follower_weight
            / least(known_producers.sampled_share, producers.sampled_share)
            * pow(1 + producers.follower_count / mean_followers.mean_follower_count, -chosen_powers.popularity_power)
            as float64
        ) as co_follow_score

    from found_producers

    cross join chosen_powers
    cross join mean_followers
    inner join producers as known_producers on found_producers.producer_position = known_producers.producer_position
    inner join producers on found_producers.found_position = producers.producer_position
),

kept_producers as (
    select
        producer_id,
        co_followed_producer_id,
        {{ rank_per('producer_id', 'co_follow_score', 'co_followed_producer_id') }} as producer_rank,
        co_follow_score

    from scored_producers

    qualify producer_rank <= (select limits.items_per_group from limits)
)

select * from kept_producers
