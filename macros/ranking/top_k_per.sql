{# For `qualify`: true for the k best of each group in the order of `rank_per`. #}
{% macro top_k_per(groups, scores, tie_break, k) -%}
    {{ rank_per(groups, scores, tie_break) }} <= {{ k }}
{%- endmacro %}
