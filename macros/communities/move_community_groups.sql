{# Producers with one label of `labelled_state` move as one group, for as many greedy epochs as given. #}
{% macro move_community_groups(run, labelled_state, epochs, pair_cost, blocks) %}
    {%- set tables = run.tables -%}
    {%- do run_query(create_scratch_table_as(tables.members, community_members_sql(labelled_state))) -%}
    {%- do run_query(create_scratch_table_as(tables.group_state, community_groups_sql(tables.members, tables.state))) -%}
    {%- do run_query(create_scratch_table_as(tables.group_edges, community_group_edges_sql(tables.edges, tables.members))) -%}
    {%- do run_community_epochs(run, tables.group_state, tables.group_edges, [0] * epochs, pair_cost, blocks, of_whole_groups=true) -%}
    {%- do run_query(create_scratch_table_as(
        tables.state, community_projection_sql(tables.state, tables.members, tables.group_state)
    )) -%}
{% endmacro %}
