{{ config(
    materialized = 'kernel_table' if runs_kernel('similarity') else 'bucketed_table',
    cluster_by = ['producer_id', 'producer_rank']
) }}
{{ read_by_kernel('similarity', ['similarity_limits']) }}

{{ buckets_by_join(ref('int_similarity_follows'), 'producer_position', ref('int_similarity_follows'), on=['consumer_id']) }}

with

follows as (select consumer_id, producer_position from {{ ref('int_similarity_follows') }}),
producers as (select producer_id, producer_position, follower_count, sampled_share from {{ ref('int_similarity_producers') }}),
chosen_recipe as (
    select known_power, activity_power, deducted_followers, regression_penalty, preference
    from {{ ref('co_follow_trials') }} where is_chosen
),
found_powers as (select popularity_power, added_means, crowding_power from {{ ref('co_follow_trials') }} where is_chosen),
crowdings as (select producer_position, crowding from {{ ref('int_producer_crowdings') }}),
list_lengths as (select producer_position, list_length from {{ ref('int_co_follow_list_lengths') }}),
regression_lists as (
    select preference, producer_position, known_position, coefficient
    from {{ sql_alone('similarity', 'int_regression_lists') }} where fold_number = 0 and {{ bucket_filter('known_position') }}
),
mean_followers as (select avg(follower_count) as follower_count from producers),

{# None where the recipe is a regression. #}
consumer_weights as (
    select follows.consumer_id, pow(count(*), -chosen_recipe.activity_power) as consumer_weight
    from follows inner join chosen_recipe on chosen_recipe.regression_penalty = 0
    group by follows.consumer_id, chosen_recipe.activity_power
),

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

list_weights as (
    select
        found_producers.producer_position,
        found_producers.found_position,
        (
            found_producers.follower_weight / least(known_producers.sampled_share, producers.sampled_share)
            - chosen_recipe.deducted_followers * found_producers.follower_weight / found_producers.common_follower_count
        )
        * pow(known_producers.follower_count, -chosen_recipe.known_power) as list_weight

    from found_producers

    cross join chosen_recipe
    inner join producers as known_producers on found_producers.producer_position = known_producers.producer_position
    inner join producers on found_producers.found_position = producers.producer_position

    union all

    select regression_lists.known_position, regression_lists.producer_position, regression_lists.coefficient

    from regression_lists

    inner join chosen_recipe on regression_lists.preference = chosen_recipe.preference
),

{# Where the mean number of followers is added, a few followers more do not decide among producers that hardly anybody follows. #}
scored_producers as (
    select
        list_weights.producer_position,
        known_producers.producer_id,
        producers.producer_id as co_followed_producer_id,
        cast(
            list_weights.list_weight
            * pow(found_powers.added_means + producers.follower_count / mean_followers.follower_count, -found_powers.popularity_power)
            * pow(crowdings.crowding, -found_powers.crowding_power)
            as float64
        ) as co_follow_score

    from list_weights

    cross join found_powers
    cross join mean_followers
    inner join producers as known_producers on list_weights.producer_position = known_producers.producer_position
    inner join producers on list_weights.found_position = producers.producer_position
    inner join crowdings on list_weights.found_position = crowdings.producer_position
),

kept_producers as (
    select
        scored_producers.producer_id,
        scored_producers.co_followed_producer_id,
        {{ rank_per('scored_producers.producer_id', 'scored_producers.co_follow_score', 'scored_producers.co_followed_producer_id') }}
            as producer_rank,
        {{ rounded_score('scored_producers.co_follow_score') }} as co_follow_score

    from scored_producers

    inner join list_lengths on scored_producers.producer_position = list_lengths.producer_position

    qualify producer_rank <= list_lengths.list_length
)

select * from kept_producers
