{#
    Groups of producers that move as one: parts of communities, and whole ones. A state of groups has the columns of a state of producers,
    so both run through the same half-steps.
#}
{% macro form_community_groups(tables, labelled_state) %}
    {%- do create_scratch_table_as(tables.members, community_members(labelled_state)) -%}
    {%- do create_scratch_table_as(tables.group_state, community_groups(tables.members, tables.state)) -%}
    {%- do create_scratch_table_as(tables.group_edges, community_group_edges(tables.edges, tables.members)) -%}
{% endmacro %}


{% macro move_community_groups(run, labelled_state, epochs, pair_cost, blocks) %}
    {%- set tables = run.tables -%}
    {%- do form_community_groups(tables, labelled_state) -%}
    {%- do run_community_epochs(
        run, tables.group_state, tables.group_edges, [0] * epochs, pair_cost, blocks, of_whole_groups=true
    ) -%}
    {%- do apply_community_groups(tables) -%}
{% endmacro %}


{% macro apply_community_groups(tables) %}
    {%- set moved_state_sql -%}
    select state.group_position, state.private_label, group_state.label, state.epoch_start_label, state.producer_count

    from {{ tables.state }} as state

    inner join {{ tables.members }} as members on state.group_position = members.member_position
    inner join {{ tables.group_state }} as group_state on members.group_position = group_state.group_position
    {%- endset -%}
    {%- do create_scratch_table_as(tables.state, moved_state_sql) -%}
{% endmacro %}


{% macro community_members(labelled_state) %}
select
    group_position as member_position,
    min(group_position) over (partition by label) as group_position

from {{ labelled_state }}
{% endmacro %}


{#
    A group has the private label of a member: the first that nobody carries. So it can leave its community even when the community has the
    label of one of its members.
#}
{% macro community_groups(members, state) %}
with

carried_labels as (select distinct label from {{ state }}),

member_states as (
    select
        members.group_position,
        state.label,
        state.private_label,
        state.producer_count,
        case when carried_labels.label is null then state.private_label end as free_label

    from {{ members }} as members

    inner join {{ state }} as state on members.member_position = state.group_position
    left join carried_labels on state.private_label = carried_labels.label
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


{% macro community_group_edges(edges, members) %}
with

group_edges as (
    select
        members.group_position,
        neighbor_members.group_position as neighbor_position,
        cast(sum(edges.linked_units) as int64) as linked_units,
        cast(sum(edges.link_count) as int64) as link_count

    from {{ edges }} as edges

    inner join {{ members }} as members on edges.group_position = members.member_position
    inner join {{ members }} as neighbor_members on edges.neighbor_position = neighbor_members.member_position

    where members.group_position <> neighbor_members.group_position

    group by members.group_position, neighbor_members.group_position
)

select * from group_edges
{% endmacro %}


{# Every producer is a part of its own: where the search for parts starts. #}
{% macro community_single_parts(state) %}
select
    group_position,
    private_label,
    private_label as label,
    private_label as epoch_start_label,
    producer_count

from {{ state }}
{% endmacro %}


{% macro community_inside_edges(edges, state) %}
select
    edges.group_position,
    edges.neighbor_position,
    edges.linked_units,
    edges.link_count

from {{ edges }} as edges

inner join {{ state }} as state on edges.group_position = state.group_position
inner join {{ state }} as neighbors on edges.neighbor_position = neighbors.group_position

where state.label = neighbors.label
{% endmacro %}


{% macro merge_communities_down(run, pair_cost, largest) %}
    {%- set tables, k = run.tables, run.settings.communities_k -%}
    {%- set progress = namespace(facts=community_facts(tables, pair_cost), merged=1) -%}
    {%- for merging_pass in range(1000) -%}
        {%- if progress.facts.found <= k or progress.merged == 0 -%}
            {%- break -%}
        {%- endif -%}
        {%- do form_community_groups(tables, tables.state) -%}
        {%- do create_scratch_table_as(tables.group_state, merged_groups(
            tables.group_state, tables.group_edges, pair_cost, largest, progress.facts.found - k
        )) -%}
        {%- do apply_community_groups(tables) -%}
        {%- set facts = community_facts(tables, pair_cost) -%}
        {%- set progress.merged = progress.facts.found - facts.found -%}
        {%- set progress.facts = facts -%}
    {%- endfor -%}
    {{ return(progress.facts) }}
{% endmacro %}


{% macro merged_groups(group_state, group_edges, pair_cost, largest, merge_limit) %}
with

offers as (
    select
        edges.group_position,
        edges.neighbor_position,
        {{ pair_cost }} * community.producer_count * partner.producer_count
        - edges.linked_units - {{ pair_cost }} * edges.link_count as loss

    from {{ group_edges }} as edges

    inner join {{ group_state }} as community on edges.group_position = community.group_position
    inner join {{ group_state }} as partner on edges.neighbor_position = partner.group_position

    where
        community.producer_count > 1
        and partner.producer_count > 1
        and community.producer_count + partner.producer_count <= {{ largest }}
),

{# Both directions of an offer are there, so the rank on either side is a rank among all offers that touch that community. -#}
ranked_offers as (
    select
        group_position,
        neighbor_position,
        loss,
        {%- for side, rank_name in [('group_position', 'own_rank'), ('neighbor_position', 'partner_rank')] %}
        row_number() over (
            partition by {{ side }}
            order by loss,
                least(group_position, neighbor_position),
                greatest(group_position, neighbor_position)
        ) as {{ rank_name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from offers
),

taken_offers as (
    select
        group_position,
        neighbor_position,
        row_number() over (order by loss, group_position) as merge_number

    from ranked_offers

    where
        own_rank = 1
        and partner_rank = 1
        and group_position > neighbor_position
),

merged_state as (
    select
        group_state.group_position,
        group_state.private_label,
        coalesce(partner.label, group_state.label) as label,
        group_state.label as epoch_start_label,
        group_state.producer_count

    from {{ group_state }} as group_state

    left join taken_offers
        on
            group_state.group_position = taken_offers.group_position
            and taken_offers.merge_number <= {{ merge_limit }}

    left join {{ group_state }} as partner on taken_offers.neighbor_position = partner.group_position
)

select * from merged_state
{% endmacro %}
