{% macro unix_millis(timestamp_column) %}
    {{- return(adapter.dispatch('unix_millis', 'simclusters')(timestamp_column)) -}}
{% endmacro %}

{% macro default__unix_millis(timestamp_column) -%}
    unix_millis({{ timestamp_column }})
{%- endmacro %}

{% macro duckdb__unix_millis(timestamp_column) -%}
    epoch_ms({{ timestamp_column }})
{%- endmacro %}
