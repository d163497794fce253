{# The squares of each score add up to 1 (within 1e-9) inside each group, or to at most 1 where rows were cut (`at_most: true`). #}
{% test unit_norm(model, scores, columns, at_most=false) %}

with

squared_norms as (
    select
        {{ columns | join(', ') }},
        {% for score in scores -%}
        sum({{ score }} * {{ score }}) as {{ score }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ model }}

    group by {{ columns | join(', ') }}
)

select *

from squared_norms

where {% for score in scores -%}
    {{ score }} > 1 + 1e-9{{ ' or ' ~ score ~ ' < 1 - 1e-9' if not at_most }}{{ ' or ' if not loop.last }}
    {%- endfor %}

{% endtest %}
