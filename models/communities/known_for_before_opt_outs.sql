{{ config(cluster_by = ['producer_id']) }}
{# The engine keeps every as_of; this is the current one. #}
with

as_of as (select as_of from {{ ref('stg_as_of') }}),
communities as (select as_of, producer_id, cluster_id from {{ ref('int_communities') }}),

members as (
    select communities.producer_id, communities.cluster_id

    from communities

    inner join as_of on communities.as_of = as_of.as_of
),

community_edges as (select producer_id, neighbor_producer_id, edge_weight from {{ ref('int_community_edges') }}),
mean_weight as (select avg(edge_weight) as mean_edge_weight from community_edges),

both_directions as (
    select producer_id, neighbor_producer_id, edge_weight from community_edges
    union all
    select neighbor_producer_id as producer_id, producer_id as neighbor_producer_id, edge_weight from community_edges
),

cluster_sizes as (select cluster_id, count(*) as producer_count from members group by cluster_id),

linked_weights as (
    select
        members.producer_id,
        members.cluster_id,
        sum(case when neighbors.cluster_id = members.cluster_id then edges.edge_weight else 0.0 end) as inside_weight,
        sum(edges.edge_weight) as total_weight,
        sum(case when neighbors.cluster_id = members.cluster_id then 1 else 0 end) as inside_neighbor_count

    from members

    inner join both_directions as edges on members.producer_id = edges.producer_id
    left join members as neighbors on edges.neighbor_producer_id = neighbors.producer_id

    group by members.producer_id, members.cluster_id
),

{# The weighted Jaccard of the producer's neighbours and the community. A member that is no neighbour counts one mean edge. #}
affiliations as (
    select
        linked_weights.producer_id,
        linked_weights.cluster_id,
        case
            when cluster_sizes.producer_count = 1 then 1.0
            else
                coalesce(
                    cast(linked_weights.inside_weight as float64)
                    / nullif(
                        linked_weights.total_weight
                        + mean_weight.mean_edge_weight * (cluster_sizes.producer_count - 1 - linked_weights.inside_neighbor_count), 0
                    ), 0.0
                )
        end as known_for_score

    from linked_weights

    cross join mean_weight
    inner join cluster_sizes on linked_weights.cluster_id = cluster_sizes.cluster_id
)

select * from affiliations
