{{ config(materialized = 'view') }}
{# The one place that knows which engine ran. #}

with

producer_neighbors as (
    select producer_id, neighbor_producer_id, common_follower_count, cosine_similarity
    from {{ ref('int_producer_neighbors_' ~ heavy_join_engine('similarity_engine')) }}
)

select * from producer_neighbors
