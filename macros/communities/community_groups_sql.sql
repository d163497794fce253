{#
    The state of groups. A group has the private label of a member: the first that nobody carries, so that it can leave its community
    although that community is called by a member of it.
#}
{% macro community_groups_sql(members, state) %}
with

carried_labels as (

    select distinct label from {{ state }}

),

member_states as (

    select
        members.group_position,
        state.label,
        state.private_label,
        state.producer_count,
        case when carried_labels.label is null then state.private_label end as free_label

    from {{ members }} as members

    inner join {{ state }} as state
        on members.member_position = state.group_position

    left join carried_labels
        on state.private_label = carried_labels.label

),

community_groups as (

    select
        group_position,
        coalesce(min(free_label), min(private_label)) as private_label,
        min(label) as label,
        min(label) as epoch_start_label,
        cast(sum(producer_count) as int64) as producer_count

    from member_states

    group by group_position

)

select * from community_groups
{% endmacro %}
