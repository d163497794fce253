{# A table: the input is read and de-duplicated once, and its good rows stay when a file changes. For stg_topics and input_report. #}

with

topics as (

    select
        topic_id,
        topic_name

    from {{ input_relation('topics') }}

),

distinct_rows as (

    select
        topic_id,
        topic_name,
        count(*) as row_count

    from topics

    group by topic_id, topic_name

),

checked_rows as (

    select
        topic_id,
        topic_name,
        row_count,
        {{ rejection_reason('topics') }} as rejection_reason

    from distinct_rows

),

rows_per_key as (

    select
        topic_id,
        topic_name,
        row_count,
        rejection_reason,
        row_number() over (
            partition by topic_id, rejection_reason
            order by topic_name nulls last
        ) as key_rank

    from checked_rows

),

one_row_per_key as (

    select
        topic_id,
        topic_name,
        row_count,
        case
            when rejection_reason is null and key_rank > 1 then 'topic_id repeats with other values'
            else rejection_reason
        end as rejection_reason

    from rows_per_key

)

select * from one_row_per_key
