{# 2 / (1 + e^(-x / scale)) - 1: 0 without favs, about x / (2 * scale) for few, 1 for many. #}
{% macro saturating_popularity(fav_count, scale) -%}
    (2.0 / (1 + exp(-{{ fav_count }} / {{ scale }})) - 1)
{%- endmacro %}
