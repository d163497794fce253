{# In each database that a model is in, so that its views find the type when the file is opened elsewhere. #}
{% macro create_type_names() %}
    {%- if execute and is_selected() -%}
        {{ return(adapter.dispatch('create_type_names', 'simclusters')()) }}
    {%- endif -%}
{% endmacro %}

{% macro default__create_type_names() %}
{% endmacro %}

{% macro duckdb__create_type_names() %}
    create type if not exists main.float64 as double;
    {%- for database in graph.nodes.values() | selectattr('package_name', 'equalto', 'simclusters') | map(attribute='database') | unique %}
    create type if not exists {{ adapter.quote(database) }}.main.float64 as double;
    {%- endfor %}
{% endmacro %}
