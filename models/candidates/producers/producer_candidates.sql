{{ config(materialized = 'view') }}
{# A view, because another copy of what the engine found would cost more than making it. #}

with

engine_rows as (
    select candidate_type, consumer_id, producer_id, candidate_rank, cluster_count, neighbor_count, candidate_score
    from {{ ref('int_producer_candidates_' ~ engine_of('products')) }}
)

select * from engine_rows
