{# The state of producers after their groups have moved. #}
{% macro community_projection_sql(state, members, group_state) %}
with

projected_state as (

    select
        state.group_position,
        state.private_label,
        group_state.label,
        state.epoch_start_label,
        state.producer_count

    from {{ state }} as state

    inner join {{ members }} as members
        on state.group_position = members.member_position

    inner join {{ group_state }} as group_state
        on members.group_position = group_state.group_position

)

select * from projected_state
{% endmacro %}
