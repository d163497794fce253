{{ config(materialized = 'view') }}
{# A view, because a query about one source reads only that source's rows of one table. #}

with

source_vectors as (
    {{- ann_source_vectors() }}
)

select * from source_vectors
