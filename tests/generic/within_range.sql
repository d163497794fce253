{# Every value lies between the given bounds; `open_minimum` / `open_maximum` exclude the bound itself. Floats get a tolerance of 1e-9. #}
{% test within_range(model, column_name, minimum=none, maximum=none, open_minimum=false, open_maximum=false) %}

select {{ column_name }}

from {{ model }}

where false
    {%- if minimum is not none %}
    or {{ column_name }} {{ '<=' if open_minimum else '<' }} {{ minimum }}{{ '' if open_minimum else ' - 1e-9' }}
    {%- endif %}
    {%- if maximum is not none %}
    or {{ column_name }} {{ '>=' if open_maximum else '>' }} {{ maximum }}{{ '' if open_maximum else ' + 1e-9' }}
    {%- endif %}

{% endtest %}
