{#
    The adapters name a cast that gives null otherwise. Both read `NaN`, which no rule of ours lets pass. The inputs are checked before DuckDB
    knows the name float64.
#}
{% macro parsed_number(column) %}
    {{- return(adapter.dispatch('parsed_number', 'simclusters')(column)) -}}
{% endmacro %}

{% macro default__parsed_number(column) %}
    {{ exceptions.raise_compiler_error('parsed_number has no variant for ' ~ adapter.type()) }}
{% endmacro %}

{% macro duckdb__parsed_number(column) -%}
    try_cast(trim(cast({{ column }} as string)) as double)
{%- endmacro %}

{% macro bigquery__parsed_number(column) -%}
    safe_cast(trim(cast({{ column }} as string)) as float64)
{%- endmacro %}
