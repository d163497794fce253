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
        {# Squared, a neighbour at 0.10 says more than twice as much as one at 0.05. -#}
        {{ '10 * cosine_similarity * cosine_similarity' if edge_weight == 'squared' else 'cosine_similarity' }} as edge_weight

    from similarity_edges
)

select * from weighted_edges
