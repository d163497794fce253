{#
    It exists because DuckDB takes the order from the query, while BigQuery takes it from the `cluster_by` setting and would only pay for a
    sort. Give both.
#}
{% macro stored_in_order(columns) %}
    {{- return(adapter.dispatch('stored_in_order', 'simclusters')(columns)) -}}
{% endmacro %}

{% macro default__stored_in_order(columns) %}
{%- endmacro %}

{% macro duckdb__stored_in_order(columns) -%}
    order by {{ columns | join(', ') }}
{%- endmacro %}
