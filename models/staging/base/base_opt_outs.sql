{# A table: the input is read and de-duplicated once, and its good rows stay when a file changes. For stg_opt_outs and input_report. #}

with

opt_outs as (

    select
        user_id,
        topic_id,
        opt_out_kind

    from {{ input_relation('opt_outs') }}

),

distinct_rows as (

    select
        user_id,
        topic_id,
        opt_out_kind,
        count(*) as row_count

    from opt_outs

    group by user_id, topic_id, opt_out_kind

),

checked_rows as (

    select
        user_id,
        topic_id,
        opt_out_kind,
        row_count,
        {{ rejection_reason('opt_outs') }} as rejection_reason

    from distinct_rows

)

select * from checked_rows
