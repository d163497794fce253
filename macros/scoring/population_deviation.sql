{# For a group by: standard deviation over all rows, not over a sample of them. The last digits of a sum may bring it below 0. #}
{% macro population_deviation(score) -%}
    sqrt(greatest(avg({{ score }} * {{ score }}) - avg({{ score }}) * avg({{ score }}), 0.0))
{%- endmacro %}
