{# The grain: these columns together name one row. None of them is null, and none of `never_null`. #}
{% test unique_grain(model, columns, never_null=[]) %}

select
    {{ columns | join(', ') }},
    count(*) as row_count

from {{ model }}

group by {{ columns | join(', ') }}

having count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}
    {%- if never_null %}
    or max(case when {{ never_null | join(' is null or ') }} is null then 1 else 0 end) = 1
    {%- endif %}

{% endtest %}
