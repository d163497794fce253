{#
    Start of a warm search: the pair cost at which the previous communities are most settled. Powers of two around the guess, then
    steps beside the best.
#}
{% macro most_settled_pair_cost(run, guess, highest_pair_cost) %}
    {%- set tables = run.tables -%}
    {%- do run_query(create_scratch_table_as(tables.members, community_members_sql(tables.state))) -%}
    {%- do run_query(create_scratch_table_as(tables.group_state, community_groups_sql(tables.members, tables.state))) -%}
    {%- do run_query(create_scratch_table_as(tables.group_edges, community_group_edges_sql(tables.edges, tables.members))) -%}

    {%- set best = namespace(pair_cost=guess) -%}
    {%- for powers in [range(-6, 7), [-0.5, -0.25, 0, 0.25, 0.5]] -%}
        {%- set pair_costs = [] -%}
        {%- for power in powers -%}
            {%- do pair_costs.append([1, [highest_pair_cost, (best.pair_cost * 2.0 ** power) | round | int] | min] | max) -%}
        {%- endfor -%}
        {%- set unsettled_sql = community_unsettled_sql(
            tables.state, tables.edges, tables.group_state, tables.group_edges, pair_costs | unique | list, guess
        ) -%}
        {%- set best.pair_cost = run_query(unsettled_sql).rows[0]['pair_cost'] | int -%}
    {%- endfor -%}
    {{ return(best.pair_cost) }}
{% endmacro %}
