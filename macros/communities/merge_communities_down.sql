{# Merges linked communities, the least loss of the objective first, until `wanted` are left or none can be merged without a giant. #}
{% macro merge_communities_down(run, wanted, largest, pair_cost) %}
    {%- set tables = run.tables -%}
    {%- set progress = namespace(facts=community_facts(tables.state, tables.edges, pair_cost), merged=1) -%}
    {%- for merge_pass in range(1000) -%}
        {%- if progress.facts.found <= wanted or progress.merged == 0 -%}
            {%- break -%}
        {%- endif -%}
        {%- do run_query(create_scratch_table_as(tables.members, community_members_sql(tables.state))) -%}
        {%- do run_query(create_scratch_table_as(tables.group_state, community_groups_sql(tables.members, tables.state))) -%}
        {%- do run_query(create_scratch_table_as(tables.group_edges, community_group_edges_sql(tables.edges, tables.members))) -%}
        {%- do run_query(create_scratch_table_as(tables.group_state, community_merged_sql(
            tables.group_state, tables.group_edges, pair_cost, largest, progress.facts.found - wanted
        ))) -%}
        {%- do run_query(create_scratch_table_as(
            tables.state, community_projection_sql(tables.state, tables.members, tables.group_state)
        )) -%}
        {%- set facts = community_facts(tables.state, tables.edges, pair_cost) -%}
        {%- set progress.merged = progress.facts.found - facts.found -%}
        {%- set progress.facts = facts -%}
    {%- endfor -%}
    {{ return(progress.facts) }}
{% endmacro %}
