{#
    A model that outlives a full refresh says `full_refresh: false`. It must not outlive one that brings other inputs.
#}
{% macro starts_afresh() %}
    {%- if should_full_refresh() -%}
        {{ return(true) }}
    {%- elif not flags.FULL_REFRESH or 'model.simclusters.runs' not in graph.nodes -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set origins_sql -%}
select runs.input_kind, runs.input_name

from {{ model_relation('table_runs') }} as table_runs

inner join {{ model_relation('runs') }} as runs on table_runs.run_id = runs.run_id

where table_runs.table_name = '{{ model.name }}'
    {%- endset -%}
    {%- set origin = run_origin() -%}
    {%- for row in run_query(origins_sql).rows if {'kind': row['input_kind'], 'name': row['input_name'] or ''} != origin -%}
        {{ return(true) }}
    {%- endfor -%}
    {{ return(false) }}
{% endmacro %}
