{#
    One row per direction of an edge, between positions. `linked_gain` is what a linked neighbour adds to a gain: its units, and
    the pair cost that `size - links` does not charge for it.
#}
{% macro community_edges_sql(given_edges, state, pair_cost) %}
with

edges_between_positions as (

    select
        producers.node_position,
        neighbors.node_position as neighbor_position,
        given_edges.weight_units + {{ pair_cost }} as linked_gain

    from {{ given_edges }} as given_edges

    inner join {{ state }} as producers
        on given_edges.producer_id = producers.producer_id

    inner join {{ state }} as neighbors
        on given_edges.neighbor_producer_id = neighbors.producer_id

),

directed_edges as (

    select
        node_position,
        neighbor_position,
        linked_gain

    from edges_between_positions

    union all

    select
        neighbor_position as node_position,
        node_position as neighbor_position,
        linked_gain

    from edges_between_positions

)

select * from directed_edges
{% endmacro %}
