{% macro recipe_consumer_score(score_override) -%}
    {%- if score_override in ['log_fav', 'fav', 'follow'] -%}
        {{ quoted_text(score_override) }}
    {%- elif score_override -%}
        {{ exceptions.raise_compiler_error("var consumer_score is '" ~ score_override ~ "'; it can be log_fav, fav, follow or empty.") }}
    {%- else -%}
        consumer_score
    {%- endif -%}
{%- endmacro %}


{# 50 favs are few on a large site, and more than a small one ever sees. #}
{% macro recipe_minimum(minimum, cap) -%}
    least({{ minimum }}, {{ cap }})
{%- endmacro %}
