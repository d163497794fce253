{#
    An input table of the user as a subquery of `stored_text` (the row as it is stored), `unreadable_column` (the first column with a value
    that is not of its type, or null) and `rejection_reason`. Blank text is a null, not a wrong value. Events after as_of break no rule here:
    an early as_of is a way to look at the past.
#}
{% macro checked_input(table_name, origin) -%}
    {%- set present = [] -%}
    {%- for column_name, column_type in input_tables()[table_name]['columns'].items() if column_name in origin['stored_columns'] -%}
        {%- set stored_name, stored_type = origin['stored_columns'][column_name] -%}
        {%- do present.append((column_name, column_type, 'stored.' ~ adapter.quote(stored_name), stored_type)) -%}
    {%- endfor -%}
    (
        select
            stored_text,
            unreadable_column,
            {{ rejection_reason(table_name) }} as rejection_reason

        from (
            select
                {{ typed_columns(table_name, origin) }},
                case
                    {%- for column_name, column_type, column, stored_type in present %}
                    when trim(cast({{ column }} as string)) <> ''
                        and {{ parsed_value(column, column_type, stored_type) }} is null then '{{ column_name }}'
                    {%- endfor %}
                end as unreadable_column,
                concat(
                    {%- for column_name, column_type, column, stored_type in present %}
                    '{{ column_name }}=', coalesce(cast({{ column }} as string), 'null'){{ ", ', '," if not loop.last }}
                    {%- endfor %}
                ) as stored_text

            from {{ origin['relation'] }} as stored

            {{ recent_rows_filter(table_name, origin) }}
        ) as typed_rows
    )
{%- endmacro %}
