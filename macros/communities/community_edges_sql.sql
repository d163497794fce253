{# One row per direction of an edge, between positions. #}
{% macro community_edges_sql(given_edges, producers) %}
with

edges_between_positions as (

    select
        producers.group_position,
        neighbors.group_position as neighbor_position,
        given_edges.weight_units as linked_units,
        cast(1 as int64) as link_count

    from {{ given_edges }} as given_edges

    inner join {{ producers }} as producers
        on given_edges.producer_id = producers.producer_id

    inner join {{ producers }} as neighbors
        on given_edges.neighbor_producer_id = neighbors.producer_id

),

directed_edges as (

    select
        group_position,
        neighbor_position,
        linked_units,
        link_count

    from edges_between_positions

    union all

    select
        neighbor_position as group_position,
        group_position as neighbor_position,
        linked_units,
        link_count

    from edges_between_positions

)

select * from directed_edges
{% endmacro %}
