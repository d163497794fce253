{# An input table of the user with exactly the columns and types of `input_tables`, as a subquery. An absent table has no rows. #}
{% macro typed_input(table_name, origin) -%}
    (
        select
            {{ typed_columns(table_name, origin) }}

        {% if origin['relation'] is none -%}
        from (select 1 as no_row) as stored

        where false
        {%- else -%}
        from {{ origin['relation'] }} as stored

        {{ recent_rows_filter(table_name, origin) }}
        {%- endif %}
    )
{%- endmacro %}
