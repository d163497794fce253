{% macro create_type_names() %}
    {{ return(adapter.dispatch('create_type_names', 'simclusters')()) }}
{% endmacro %}

{% macro default__create_type_names() %}
{% endmacro %}

{% macro duckdb__create_type_names() %}
    create type if not exists main.float64 as double
{% endmacro %}
