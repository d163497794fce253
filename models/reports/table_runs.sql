{{ config(materialized = 'hook_table') }}
{# The hooks start_run and end_run write the rows. #}

with

table_runs as (
    select table_name, run_id, unfinished_run_id, newer_table
    from {{ this }}
)

select * from table_runs
