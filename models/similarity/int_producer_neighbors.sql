{{ config(materialized = 'view') }}

with

engine_rows as (
    select producer_id, neighbor_producer_id, common_follower_count, cosine_similarity
    from {{ ref('int_producer_neighbors_' ~ engine_of('similarity')) }}
)

select * from engine_rows
