{# Where Python models run inside dbt's own process, the kernel is the engine; elsewhere the SQL sweeps are. dbt_project.yml enables the model to match. #}
{% macro community_engine() %}
    {%- set engine = var('community_engine') -%}
    {{- return(adapter.dispatch('community_engine', 'simclusters')() if engine == 'auto' else engine) -}}
{% endmacro %}

{% macro default__community_engine() %}
    {{- return('sql') -}}
{% endmacro %}

{% macro duckdb__community_engine() %}
    {{- return('python') -}}
{% endmacro %}
