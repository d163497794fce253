{#
    The last digits of floating sums depend on the order of rows. Rankings and thresholds compare ten decimals, so these digits do not
    matter.
#}
{% macro rounded_score(score) -%}
    round({{ score }}, 10)
{%- endmacro %}
