with

accepted_follows as (select consumer_id, producer_id from {{ ref('base_follows') }} where rejection_reason is null),
held_out_follows as (select consumer_id, producer_id from {{ ref('stg_held_out_follows') }}),

kept_follows as (
    select accepted_follows.consumer_id, accepted_follows.producer_id

    from accepted_follows

    left join held_out_follows
        on accepted_follows.consumer_id = held_out_follows.consumer_id
            and accepted_follows.producer_id = held_out_follows.producer_id

    where held_out_follows.producer_id is null
)

select * from kept_follows
