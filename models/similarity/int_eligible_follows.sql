with

follows as (select consumer_id, producer_id from {{ ref('stg_follows') }}),
eligible_producers as (select producer_id from {{ ref('producers') }} where is_eligible),
limits as (select maximum_follows_per_consumer from {{ ref('similarity_limits') }}),

eligible_follows as (
    select follows.consumer_id, follows.producer_id

    from follows

    inner join eligible_producers on follows.producer_id = eligible_producers.producer_id
),

{# A consumer with d follows makes d * d pairs, so one bot would cost more than everybody else together. #}
modest_consumers as (
    select consumer_id

    from eligible_follows

    group by consumer_id

    having count(*) <= (select limits.maximum_follows_per_consumer from limits)
),

kept_follows as (
    select eligible_follows.consumer_id, eligible_follows.producer_id

    from eligible_follows

    inner join modest_consumers on eligible_follows.consumer_id = modest_consumers.consumer_id
)

select * from kept_follows
