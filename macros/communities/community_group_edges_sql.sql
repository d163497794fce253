{# One row per direction of a pair of linked groups. #}
{% macro community_group_edges_sql(edges, members) %}
with

group_edges as (

    select
        members.group_position,
        neighbor_members.group_position as neighbor_position,
        cast(sum(edges.linked_units) as int64) as linked_units,
        cast(sum(edges.link_count) as int64) as link_count

    from {{ edges }} as edges

    inner join {{ members }} as members
        on edges.group_position = members.member_position

    inner join {{ members }} as neighbor_members
        on edges.neighbor_position = neighbor_members.member_position

    where members.group_position <> neighbor_members.group_position

    group by members.group_position, neighbor_members.group_position

)

select * from group_edges
{% endmacro %}
