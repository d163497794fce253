{# A row of an input table as text for people, `column=value, ...`, from its typed columns. #}
{% macro row_text(table_name) -%}
    concat(
        {%- for column_name, column_type in input_tables()[table_name]['columns'].items() %}
        '{{ column_name }}=', coalesce({{ timestamp_text(column_name) if column_type == 'timestamp' else 'cast(' ~ column_name ~ ' as string)' }}, 'null')
        {{- ", ', '," if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
