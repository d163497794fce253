{{
    config(
        materialized = 'incremental',
        full_refresh = false,
        pre_hook = "{{ forget_events_of_other_inputs() }}"
    )
}}
{# Empty and never rebuilt, because `make stream` writes here what it did with each file. A full refresh of int_stream_pairs empties it. #}

with

no_files as (
    select
        cast(null as string) as file_name,
        cast(null as string) as file_version,
        cast(null as string) as outcome,
        cast(null as string) as reason,
        cast(null as int64) as row_count,
        cast(null as string) as example_row
),

files as (select file_name, file_version, outcome, reason, row_count, example_row from no_files where file_name is not null)

select * from files
