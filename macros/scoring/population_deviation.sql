{# For a group by: standard deviation over all rows, not over a sample of them. A sum may fall short of 0 by its last digits. #}
{% macro population_deviation(score) -%}
    sqrt(greatest(avg({{ score }} * {{ score }}) - avg({{ score }}) * avg({{ score }}), 0.0))
{%- endmacro %}
