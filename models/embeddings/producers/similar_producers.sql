{{ config(materialized = 'view') }}
{# A view, because another copy of what the engine found would cost more than making it. #}

with

engine_rows as (
    select embedding_type, producer_id, similar_producer_id, producer_rank, producer_similarity
    from {{ ref('int_similar_producers_' ~ engine_of('products')) }}
)

select * from engine_rows
