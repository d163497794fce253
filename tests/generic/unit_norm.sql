{# The squares of the column add up to 1 (within 1e-9) inside each group, or to at most 1 where rows were cut (`at_most: true`). #}
{% test unit_norm(model, column_name, columns, at_most=false) %}

select
    {{ columns | join(', ') }},
    sum({{ column_name }} * {{ column_name }}) as squared_norm

from {{ model }}

group by {{ columns | join(', ') }}

having sum({{ column_name }} * {{ column_name }}) > 1 + 1e-9
    {%- if not at_most %}
    or sum({{ column_name }} * {{ column_name }}) < 1 - 1e-9
    {%- endif %}

{% endtest %}
