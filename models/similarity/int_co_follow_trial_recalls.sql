{# `first_places` is half a list: who finds a follow early finds it for certain, so the choice depends less on the consumers drawn. #}
{% set cutoff, first_places = 20, 10 %}

with

producers as (select producer_id, producer_position from {{ ref('int_similarity_producers') }}),
follows as (select consumer_id, producer_position from {{ ref('int_similarity_follows') }}),
trial_follows as (select consumer_id, producer_position, is_held_out from {{ ref('int_trial_follows') }}),
trial_hits as (select preference, consumer_id, producer_position, producer_rank from {{ ref('int_co_follow_trial_hits') }}),
recipes as (select preference from {{ ref('int_co_follow_recipes') }}),

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
        trial_hits.preference,
        trial_hits.consumer_id,
        count(*) as hit_count,
        count(case when trial_hits.producer_rank <= {{ first_places }} then 1 end) as first_hit_count,
        count(
            case
                when followers.consumer_id is null
                    and trial_hits.producer_rank <= {{ cutoff }} - coalesce(follower_hits.follower_count, 0)
                    then 1
            end
        ) as hit_count_behind_followers

    from trial_hits

    left join follower_hits on trial_hits.consumer_id = follower_hits.consumer_id

    left join followers
        on trial_hits.consumer_id = followers.consumer_id
            and trial_hits.producer_position = followers.producer_position

    group by trial_hits.preference, trial_hits.consumer_id
),

{# A consumer without a hit counts with 0. #}
recalls as (
    select
        recipes.preference,
        count(consumers.consumer_id) as consumer_count,
        cast(avg(coalesce(list_hits.hit_count, 0) / consumers.held_out_count) as float64) as recall,
        cast(avg(coalesce(list_hits.first_hit_count, 0) / consumers.held_out_count) as float64) as recall_of_first,
        cast(
            avg(
                (coalesce(list_hits.hit_count_behind_followers, 0) + coalesce(follower_hits.hit_count, 0)) / consumers.held_out_count
            ) as float64
        ) as recall_with_followers

    from recipes

    left join consumers on true
    left join follower_hits on consumers.consumer_id = follower_hits.consumer_id

    left join list_hits
        on recipes.preference = list_hits.preference
            and consumers.consumer_id = list_hits.consumer_id

    group by recipes.preference
)

select * from recalls
