{# Which group each producer is in, when producers with one label are one group. A group is called by its first position. #}
{% macro community_members_sql(state) %}
with

first_positions as (

    select
        label,
        min(group_position) as first_position

    from {{ state }}

    group by label

),

members as (

    select
        state.group_position as member_position,
        first_positions.first_position as group_position

    from {{ state }} as state

    inner join first_positions
        on state.label = first_positions.label

)

select * from members
{% endmacro %}
