{% set edge_weight = var('community_edge_weight') %}

with

similarity_edges as (
    select producer_id, neighbor_producer_id, cosine_similarity
    from {{ ref('producer_similarity_edges') }} where producer_id < neighbor_producer_id
),

weighted_edges as (
    select
        producer_id,
        neighbor_producer_id,
        {{ community_edge_weight('cosine_similarity', edge_weight) }} as edge_weight

    from similarity_edges
)

select * from weighted_edges
