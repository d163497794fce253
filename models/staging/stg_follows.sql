with

accepted_follows as (

    select
        consumer_id,
        producer_id

    from {{ ref('int_follows_checked') }}

    where rejection_reason is null

)

select * from accepted_follows
