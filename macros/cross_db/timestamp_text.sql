{% macro timestamp_text(timestamp_column) %}
    {{- return(adapter.dispatch('timestamp_text', 'simclusters')(timestamp_column)) -}}
{% endmacro %}

{% macro default__timestamp_text(timestamp_column) -%}
    format_timestamp('%Y-%m-%d %H:%M:%S', {{ timestamp_column }})
{%- endmacro %}

{% macro duckdb__timestamp_text(timestamp_column) -%}
    strftime({{ timestamp_column }}, '%Y-%m-%d %H:%M:%S')
{%- endmacro %}
