{# A table: the input is read and de-duplicated once, and its good rows stay when a file changes. For stg_follows and input_report. #}

with

follows as (

    select
        consumer_id,
        producer_id

    from {{ input_relation('follows') }}

),

distinct_rows as (

    select
        consumer_id,
        producer_id,
        count(*) as row_count

    from follows

    group by consumer_id, producer_id

),

checked_rows as (

    select
        consumer_id,
        producer_id,
        row_count,
        {{ rejection_reason('follows') }} as rejection_reason

    from distinct_rows

)

select * from checked_rows
