{# Floating sums differ in their last digits with the order of rows. Rankings and thresholds compare ten decimals, so that they do not. #}
{% macro rounded_score(score) -%}
    round({{ score }}, 10)
{%- endmacro %}
