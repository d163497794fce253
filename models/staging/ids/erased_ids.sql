{{ config(materialized = 'hook_table') }}
{# `dbt run-operation forget` writes the rows. #}

with

erased_ids as (select id_hash, erased_at from {{ this }})

select * from erased_ids
