{# A table: the input is read and de-duplicated once, and its good rows stay when a file changes. For stg_topic_follows and input_report. #}

with

topic_follows as (

    select
        consumer_id,
        topic_id

    from {{ input_relation('topic_follows') }}

),

distinct_rows as (

    select
        consumer_id,
        topic_id,
        count(*) as row_count

    from topic_follows

    group by consumer_id, topic_id

),

checked_rows as (

    select
        consumer_id,
        topic_id,
        row_count,
        {{ rejection_reason('topic_follows') }} as rejection_reason

    from distinct_rows

)

select * from checked_rows
