{{ config(
    enabled = engine_of('similarity') == 'sql',
    materialized = 'bucketed_table',
    cluster_by = ['producer_id', 'producer_rank'],
    meta = {'rows_per_bucket': var('rows_per_bucket')}
) }}

{# As LEAST_SHARE of the kernel. #}
{% set least_share = 0.4 %}

{{ buckets_by_join(ref('int_similarity_follows'), 'producer_position', ref('int_similarity_follows'), on=['consumer_id']) }}

with

follows as (select consumer_id, producer_position from {{ ref('int_similarity_follows') }}),
producers as (select producer_id, producer_position, follower_count, sampled_share from {{ ref('int_similarity_producers') }}),
chosen_recipe as (
    select known_power, activity_power, popularity_power, added_means, deducted_followers, chance_share, crowding_power
    from {{ ref('co_follow_trials') }} where is_chosen
),
crowdings as (select producer_position, crowding from {{ ref('int_producer_crowdings') }}),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'co_followed_producers'),
similarity_limits as (select listed_per_follower, listed_rows from {{ ref('similarity_limits') }}),
mean_followers as (select avg(follower_count) as follower_count from producers),

row_counts as (
    select sum(least(similarity_limits.listed_per_follower * greatest(producers.follower_count, 1), limits.items_per_group)) as row_count
    from producers cross join similarity_limits cross join limits
),

{#
    What few followers follow is mostly theirs alone, and lists of the many producers that few follow would be most of the table. So a list
    grows with the followers, up to a length that is the same for all. Too many rows shorten that, to two fifths at most.
#}
longest_lists as (
    select
        floor(
            limits.items_per_group
            * greatest({{ least_share }}, least(1.0, similarity_limits.listed_rows / nullif(row_counts.row_count, 0)))
        ) as list_length

    from limits

    cross join similarity_limits
    cross join row_counts
),

consumer_weights as (
    select follows.consumer_id, count(*) as follow_count, pow(count(*), -chosen_recipe.activity_power) as consumer_weight
    from follows cross join chosen_recipe group by follows.consumer_id, chosen_recipe.activity_power
),

chances as (select {{ chance_of_both('follow_count') }} as chance_of_both from consumer_weights),

found_producers as (
    select
        known_follow.producer_position,
        found_follow.producer_position as found_position,
        count(*) as common_follower_count,
        sum(consumer_weights.consumer_weight) as follower_weight

    from follows as known_follow

    inner join consumer_weights on known_follow.consumer_id = consumer_weights.consumer_id
    inner join follows as found_follow
        on known_follow.consumer_id = found_follow.consumer_id
            and known_follow.producer_position <> found_follow.producer_position

    where {{ bucket_filter('known_follow.producer_position') }}

    group by known_follow.producer_position, found_follow.producer_position
),

{# Where the mean number of followers is added, a few followers more do not decide among producers that hardly anybody follows. #}
scored_producers as (
    select
        known_producers.producer_id,
        known_producers.follower_count as known_follower_count,
        producers.producer_id as co_followed_producer_id,
        cast(
            (
                found_producers.follower_weight / least(known_producers.sampled_share, producers.sampled_share)
                - chosen_recipe.deducted_followers * found_producers.follower_weight / found_producers.common_follower_count
            )
            * {{ beyond_chance('chosen_recipe.chance_share', 'found_producers.common_follower_count', 'known_producers', 'producers') }}
            * pow(known_producers.follower_count, -chosen_recipe.known_power)
            * pow(chosen_recipe.added_means + producers.follower_count / mean_followers.follower_count, -chosen_recipe.popularity_power)
            * pow(crowdings.crowding, -chosen_recipe.crowding_power)
            as float64
        ) as co_follow_score

    from found_producers

    cross join chosen_recipe
    cross join chances
    cross join mean_followers
    inner join producers as known_producers on found_producers.producer_position = known_producers.producer_position
    inner join producers on found_producers.found_position = producers.producer_position
    inner join crowdings on found_producers.found_position = crowdings.producer_position
),

kept_producers as (
    select
        scored_producers.producer_id,
        scored_producers.co_followed_producer_id,
        {{ rank_per('scored_producers.producer_id', 'scored_producers.co_follow_score', 'scored_producers.co_followed_producer_id') }}
            as producer_rank,
        {{ rounded_score('scored_producers.co_follow_score') }} as co_follow_score

    from scored_producers

    cross join similarity_limits
    cross join longest_lists

    qualify
        producer_rank
        <= least(longest_lists.list_length, similarity_limits.listed_per_follower * greatest(scored_producers.known_follower_count, 1))
)

select * from kept_producers
