{{ config(severity = 'warn', group = 'staging') }}

with

left_out as (select table_name, reason, row_count, example_row from {{ ref('input_report') }}),

lone_events as (
    select table_name, reason, row_count, example_row

    from left_out

    where reason like '%stands apart%'
)

select * from lone_events
