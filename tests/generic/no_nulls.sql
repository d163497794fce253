{# None of these columns is ever null. One scan asks for all; unique_grain asks for its own columns. #}
{% test no_nulls(model, columns) %}

select
    case
        {%- for column in columns %}
        when {{ column }} is null then '{{ column }}'
        {%- endfor %}
    end as null_column,
    count(*) as row_count

from {{ model }}

where {% for column in columns %}{{ column }} is null{{ ' or ' if not loop.last }}{% endfor %}

group by 1

{% endtest %}
