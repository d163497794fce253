{{ config(materialized = 'hook_table') }}
{# The hooks start_run and end_run write the rows. #}

with

runs as (
    select
        run_id, run_state, command, started_at, ended_at, is_full_refresh, input_kind, input_name, model_version, as_of,
        selected_count, built_count, failed_count, failed_nodes
    from {{ this }}
)

select * from runs
