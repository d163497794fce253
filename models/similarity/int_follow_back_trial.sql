{% set cutoff, least_gain = 20, 1.05 %}

with

producers as (select producer_id, producer_position from {{ ref('int_similarity_producers') }}),
follows as (select consumer_id, producer_position from {{ ref('int_similarity_follows') }}),
trial_follows as (select consumer_id, producer_position, is_held_out from {{ ref('int_trial_follows') }}),
trial_hits as (select preference, consumer_id, producer_position, producer_rank from {{ ref('int_co_follow_trial_hits') }}),
chosen_recipe as (
    select known_power, activity_power, popularity_power, added_means
    from {{ ref('co_follow_trials') }} where is_chosen
),
recipes as (
    select known_power, activity_power, popularity_power, added_means, preference
    from {{ ref('co_follow_recipes') }}
),

consumers as (
    select consumer_id, count(case when is_held_out then 1 end) as held_out_count
    from trial_follows group by consumer_id
),

{# The first positions are those of the most followed. #}
followers as (
    select
        consumers.consumer_id,
        follower_producers.producer_position,
        coalesce(trial_follows.is_held_out, false) as is_held_out,
        row_number() over (partition by consumers.consumer_id order by follower_producers.producer_position) as follower_rank

    from consumers

    inner join producers as own_producers on consumers.consumer_id = own_producers.producer_id
    inner join follows on own_producers.producer_position = follows.producer_position
    inner join producers as follower_producers on follows.consumer_id = follower_producers.producer_id

    left join trial_follows
        on consumers.consumer_id = trial_follows.consumer_id
            and follower_producers.producer_position = trial_follows.producer_position

    where coalesce(trial_follows.is_held_out, true)

    qualify follower_rank <= {{ cutoff }}
),

follower_hits as (
    select
        consumer_id,
        count(*) as follower_count,
        count(case when is_held_out then 1 end) as hit_count

    from followers

    group by consumer_id
),

{# Without followers the whole list counts; with them, as much as has room behind them. #}
list_hits as (
    select
        trial_hits.consumer_id,
        count(*) as hit_count,
        count(
            case
                when followers.consumer_id is null
                    and trial_hits.producer_rank <= {{ cutoff }} - coalesce(follower_hits.follower_count, 0)
                    then 1
            end
        ) as hit_count_behind_followers

    from trial_hits

    inner join recipes on trial_hits.preference = recipes.preference

    inner join chosen_recipe
        on recipes.known_power = chosen_recipe.known_power
            and recipes.activity_power = chosen_recipe.activity_power
            and recipes.popularity_power = chosen_recipe.popularity_power
            and recipes.added_means = chosen_recipe.added_means

    left join follower_hits on trial_hits.consumer_id = follower_hits.consumer_id

    left join followers
        on trial_hits.consumer_id = followers.consumer_id
            and trial_hits.producer_position = followers.producer_position

    group by trial_hits.consumer_id
),

recalls as (
    select
        count(*) as consumer_count,
        avg(coalesce(list_hits.hit_count, 0) / consumers.held_out_count) as recall_without_followers,
        avg(
            (coalesce(list_hits.hit_count_behind_followers, 0) + coalesce(follower_hits.hit_count, 0)) / consumers.held_out_count
        ) as recall_with_followers

    from consumers

    left join list_hits on consumers.consumer_id = list_hits.consumer_id
    left join follower_hits on consumers.consumer_id = follower_hits.consumer_id
),

follow_back_trial as (
    select
        consumer_count,
        cast(recall_without_followers as float64) as recall_without_followers,
        cast(recall_with_followers as float64) as recall_with_followers,
        coalesce(recall_with_followers > {{ least_gain }} * recall_without_followers, false) as is_used

    from recalls
)

select * from follow_back_trial
