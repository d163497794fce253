{# ratio ^ -(rank - 1): 1 for the best. It is 0 beyond rank 700, where the power would leave the range of a float on BigQuery. #}
{% macro falling_with_rank(rank, ratio) -%}
    case when {{ rank }} > 700 then 0.0 else pow({{ ratio }}, 1 - {{ rank }}) end
{%- endmacro %}
