{#
    Every value lies in its interval: columns by interval, as in {"[0, 1]": [share, cosine], "(0, )": [score]}. A bracket takes the bound in,
    and without a number there is no bound. Floats get a tolerance of 1e-9, and NaN is outside. One scan asks for all columns.
#}
{% test within_ranges(model, columns_in) %}

{%- set outside = {} -%}
{%- for interval, columns in columns_in.items() -%}
    {%- set minimum, maximum = interval[1:-1].split(',') | map('trim') -%}
    {%- for column in columns -%}
        {%- set bounds = [] -%}
        {%- if minimum -%}
            {%- do bounds.append(column ~ (' > ' ~ minimum if interval[0] == '(' else ' >= ' ~ minimum ~ ' - 1e-9')) -%}
        {%- endif -%}
        {%- if maximum -%}
            {%- do bounds.append(column ~ (' < ' ~ maximum if interval[-1] == ')' else ' <= ' ~ maximum ~ ' + 1e-9')) -%}
        {%- else -%}
            {%- do bounds.append(column ~ ' < 1e300') -%}
        {%- endif -%}
        {%- do outside.update({column: 'not (' ~ bounds | join(' and ') ~ ')'}) -%}
    {%- endfor -%}
{%- endfor %}

select
    case
        {%- for column, condition in outside.items() %}
        when {{ condition }} then '{{ column }}'
        {%- endfor %}
    end as column_name,
    case
        {%- for column, condition in outside.items() %}
        when {{ condition }} then cast({{ column }} as float64)
        {%- endfor %}
    end as value_outside

from {{ model }}

where {% for condition in outside.values() %}{{ condition }}{{ ' or ' if not loop.last }}{% endfor %}

{% endtest %}
