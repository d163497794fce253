{#
    After community moves on a warm start: labels of `state` that follow the previous cluster ids, as "Cluster ids after community
    moves" of docs/community_detection.md says. A pair of a community and a previous id that is the first of both is matched; then the
    others of the two are out. Repeated, that is the greedy matching by falling overlap.
#}
{% macro keep_community_ids(run) %}
    {%- set tables = run.tables -%}
    {%- do run_query(create_scratch_table_as(tables.overlaps, community_overlaps_sql(tables.state, tables.producers))) -%}
    {%- for pass_number in range(1000) -%}
        {%- set open_sql -%}
    select count(*) as open_count from {{ tables.overlaps }} where not is_matched
        {%- endset -%}
        {%- if run_query(open_sql).rows[0]['open_count'] | int == 0 -%}
            {%- break -%}
        {%- endif -%}
        {%- do run_query(create_scratch_table_as(tables.overlaps, community_matched_overlaps_sql(tables.overlaps))) -%}
    {%- endfor -%}
    {%- do run_query(create_scratch_table_as(
        tables.state, community_relabelled_sql(tables.state, tables.overlaps)
    )) -%}
{% endmacro %}
