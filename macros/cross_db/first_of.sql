{# A group by keeps one row of each group in memory. A rank would sort all rows. #}
{% macro first_of(column, scores, tie_break) %}
    {{- return(adapter.dispatch('first_of', 'simclusters')(column, scores, tie_break)) -}}
{% endmacro %}

{% macro default__first_of(column, scores, tie_break) -%}
    array_agg({{ column }}{{ ordered_per([], scores, tie_break) }} limit 1)[offset(0)]
{%- endmacro %}

{% macro duckdb__first_of(column, scores, tie_break) -%}
    first({{ column }}{{ ordered_per([], scores, tie_break) }})
{%- endmacro %}
