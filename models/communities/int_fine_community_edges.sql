{{ config(materialized = 'view') }}
{# Without the edges between communities a fine one lies inside one of them. #}

with

community_edges as (select producer_id, neighbor_producer_id, edge_weight from {{ ref('int_community_edges') }}),
known_for as (select producer_id, cluster_id from {{ ref('known_for_before_opt_outs') }}),

inside_edges as (
    select edges.producer_id, edges.neighbor_producer_id, edges.edge_weight

    from community_edges as edges

    inner join known_for as members on edges.producer_id = members.producer_id

    inner join known_for as neighbors
        on edges.neighbor_producer_id = neighbors.producer_id
            and members.cluster_id = neighbors.cluster_id
)

select * from inside_edges
