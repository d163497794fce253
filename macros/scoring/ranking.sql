{% macro rank_per(groups, scores, tie_break) -%}
    row_number() over ({{ ordered_per(groups, scores, tie_break) }})
{%- endmacro %}


{% macro ordered_per(groups, scores, tie_break) -%}
    {%- if groups %}
    partition by {{ groups if groups is string else groups | join(', ') }}
    {%- endif %}
    order by
        {%- for score in ([scores] if scores is string else scores) %}
        {{ rounded_score(score) }} desc,
        {%- endfor %}
        {{ tie_break }}
{%- endmacro %}


{% macro top_k_per(groups, scores, tie_break, k) -%}
    {{ rank_per(groups, scores, tie_break) }} <= {{ k }}
{%- endmacro %}


{# The last digits of floating sums depend on the order of rows. So these digits do not matter. #}
{% macro rounded_score(score) -%}
    round({{ score }}, 10)
{%- endmacro %}
