{# An input table of the user with exactly the columns and types of `input_tables`, as a subquery. #}
{% macro typed_input(table_name, origin) -%}
    (
        select
            {%- for column_name, column_type in input_tables()[table_name]['columns'].items() %}
            {%- if column_name in origin['stored_columns'] %}
            {%- set stored_name, stored_type = origin['stored_columns'][column_name] %}
            {{ parsed_value(adapter.quote(stored_name), column_type, stored_type) }} as {{ column_name }}{{ ',' if not loop.last }}
            {%- else %}
            cast(null as {{ column_type }}) as {{ column_name }}{{ ',' if not loop.last }}
            {%- endif %}
            {%- endfor %}

        {% if origin['relation'] is none -%}
        from (select 1 as no_row) as absent_table

        where false
        {%- else -%}
        from {{ origin['relation'] }}
        {%- endif %}
    )
{%- endmacro %}
