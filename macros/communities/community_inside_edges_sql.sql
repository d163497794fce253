{# The edges inside communities. #}
{% macro community_inside_edges_sql(edges, state) %}
with

inside_edges as (

    select
        edges.group_position,
        edges.neighbor_position,
        edges.linked_units,
        edges.link_count

    from {{ edges }} as edges

    inner join {{ state }} as state
        on edges.group_position = state.group_position

    inner join {{ state }} as neighbors
        on edges.neighbor_position = neighbors.group_position

    where state.label = neighbors.label

)

select * from inside_edges
{% endmacro %}
