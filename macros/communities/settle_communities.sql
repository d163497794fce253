{#
    Rounds of "Community moves in SQL" (docs/community_detection.md) at one pair cost, until a round gains less than 1/10,000 of the
    objective. Returns what community_facts says of the result.
#}
{% macro settle_communities(run, pair_cost) %}
    {%- set tables = run.tables -%}
    {%- set progress = namespace(facts=community_facts(tables.state, tables.edges, pair_cost)) -%}
    {%- for round in range(10) -%}
        {%- do run_community_epochs(run, tables.state, tables.edges, [0] * 4, pair_cost, run.blocks) -%}

        {%- do run_query(create_scratch_table_as(tables.part_state, community_single_parts_sql(tables.state))) -%}
        {%- do run_query(create_scratch_table_as(tables.part_edges, community_inside_edges_sql(tables.edges, tables.state))) -%}
        {%- do run_community_epochs(run, tables.part_state, tables.part_edges, [0] * 3, pair_cost, run.blocks) -%}
        {%- do move_community_groups(run, tables.part_state, 2, pair_cost, run.blocks) -%}

        {#- Whole communities only join larger ones, so nobody swaps and one block is enough. -#}
        {%- do move_community_groups(run, tables.state, 6, pair_cost, 1) -%}

        {%- set facts = community_facts(tables.state, tables.edges, pair_cost) -%}
        {%- set gain = facts.objective - progress.facts.objective -%}
        {%- set progress.facts = facts -%}
        {{ log(
            model.name ~ ': pair cost ' ~ pair_cost ~ ', round ' ~ loop.index ~ ': ' ~ facts.found ~ ' communities, largest '
            ~ facts.largest ~ ', objective ' ~ facts.objective ~ ' (' ~ gain ~ ' gained)'
        ) }}
        {%- if gain <= 0.0001 * facts.objective | abs -%}
            {%- break -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(progress.facts) }}
{% endmacro %}
