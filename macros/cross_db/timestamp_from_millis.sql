{% macro timestamp_from_millis(milliseconds) %}
    {{- return(adapter.dispatch('timestamp_from_millis', 'simclusters')(milliseconds)) -}}
{% endmacro %}

{% macro default__timestamp_from_millis(milliseconds) -%}
    timestamp_millis({{ milliseconds }})
{%- endmacro %}

{% macro duckdb__timestamp_from_millis(milliseconds) -%}
    cast(epoch_ms({{ milliseconds }}) as timestamp)
{%- endmacro %}
