with

follows as (select consumer_id, producer_id from {{ ref('int_eligible_follows') }}),
trial_follows as (select consumer_id, producer_position, is_held_out from {{ ref('int_trial_follows') }}),
producers as (select producer_id, producer_position from {{ ref('int_similarity_producers') }}),
recipes as (select max(consumer_share) as consumer_share from {{ ref('int_fit_recipes') }}),

drawn_follows as (
    select trial_follows.consumer_id, producers.producer_id, trial_follows.is_held_out

    from trial_follows

    inner join producers on trial_follows.producer_position = producers.producer_position
),

drawn_consumers as (select distinct consumer_id from drawn_follows),
draws as (select count(*) as drawn_count from drawn_consumers),

{# Nothing where the last trial stays. #}
read_follows as (
    select
        follows.consumer_id,
        follows.producer_id,
        drawn_consumers.consumer_id is not null as is_drawn,
        coalesce(drawn_follows.is_held_out, false) as is_held_out

    from follows

    cross join recipes
    cross join draws
    left join drawn_consumers on follows.consumer_id = drawn_consumers.consumer_id

    left join drawn_follows
        on follows.consumer_id = drawn_follows.consumer_id
            and follows.producer_id = drawn_follows.producer_id

    where draws.drawn_count > 0
        and (
            drawn_consumers.consumer_id is not null
            or {{ pair_hash('follows.consumer_id', 3) }} < 2147483647 * recipes.consumer_share
        )
)

select * from read_follows
