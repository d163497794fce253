{# A minimum of a recipe row, lowered to var recipe_minimum_cap. 50 favs are few on a large site, and more than a small one ever sees. #}
{% macro recipe_minimum(minimum, cap) -%}
    least({{ minimum }}, {{ cap }})
{%- endmacro %}
