{{ config(enabled = engine_of('products') == 'sql') }}

with

neighbors as (select consumer_id, producer_id from {{ ref('int_multi_embedding_neighbors') }}),
links as (select producer_id, neighbor_producer_id from {{ ref('int_producer_links') }}),

linked_neighbors as (
    select left_neighbor.consumer_id, links.producer_id, links.neighbor_producer_id

    from neighbors as left_neighbor

    inner join links on left_neighbor.producer_id = links.producer_id

    inner join neighbors as right_neighbor
        on left_neighbor.consumer_id = right_neighbor.consumer_id
            and links.neighbor_producer_id = right_neighbor.producer_id
),

edges as (
    select consumer_id, producer_id, producer_id as neighbor_producer_id from neighbors
    union all
    select consumer_id, producer_id, neighbor_producer_id from linked_neighbors
    union all
    select consumer_id, neighbor_producer_id as producer_id, producer_id as neighbor_producer_id from linked_neighbors
)

select * from edges
