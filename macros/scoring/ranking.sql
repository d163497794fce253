{# Rank from 1 inside each group, by falling rounded score, then by rising id. `scores` is one column or a list. #}
{% macro rank_per(groups, scores, tie_break) -%}
    row_number() over (
        partition by {{ groups if groups is string else groups | join(', ') }}
        order by
            {%- for score in ([scores] if scores is string else scores) %}
            {{ rounded_score(score) }} desc,
            {%- endfor %}
            {{ tie_break }}
    )
{%- endmacro %}


{# For `qualify`: true for the k best of each group in the order of `rank_per`. #}
{% macro top_k_per(groups, scores, tie_break, k) -%}
    {{ rank_per(groups, scores, tie_break) }} <= {{ k }}
{%- endmacro %}


{#
    The last digits of floating sums depend on the order of rows. Rankings and thresholds compare ten decimals, so these digits do not
    matter.
#}
{% macro rounded_score(score) -%}
    round({{ score }}, 10)
{%- endmacro %}
