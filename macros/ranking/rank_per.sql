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
