{# The columns of `input_tables` with their types, selected from the stored table `stored`; a column that it lacks is null. #}
{% macro typed_columns(table_name, origin) -%}
    {%- for column_name, column_type in input_tables()[table_name]['columns'].items() %}
    {%- if column_name in origin['stored_columns'] %}
    {%- set stored_name, stored_type = origin['stored_columns'][column_name] %}
    {{ parsed_value('stored.' ~ adapter.quote(stored_name), column_type, stored_type) }} as {{ column_name }}{{ ',' if not loop.last }}
    {%- else %}
    cast(null as {{ column_type }}) as {{ column_name }}{{ ',' if not loop.last }}
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
