with

accepted_topic_follows as (

    select
        consumer_id,
        topic_id

    from {{ ref('int_topic_follows_checked') }}

    where rejection_reason is null

)

select * from accepted_topic_follows
