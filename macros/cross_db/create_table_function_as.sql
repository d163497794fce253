{% macro create_table_function_as(relation, arguments, select_sql) %}
    {{ return(adapter.dispatch('create_table_function_as', 'simclusters')(relation, arguments, select_sql)) }}
{% endmacro %}

{% macro default__create_table_function_as(relation, arguments, select_sql) %}
    {{ exceptions.raise_compiler_error('create_table_function_as has no variant for ' ~ adapter.type()) }}
{% endmacro %}

{% macro duckdb__create_table_function_as(relation, arguments, select_sql) %}
create or replace macro {{ relation }}(
    {%- for name, data_type in arguments.items() -%}
        {{ name }} {{ data_type }}{{ ', ' if not loop.last }}
    {%- endfor -%}
) as table

{{ select_sql }}
{% endmacro %}

{% macro bigquery__create_table_function_as(relation, arguments, select_sql) %}
create or replace table function {{ relation }}(
    {%- for name, data_type in arguments.items() -%}
        {{ name }} {{ data_type }}{{ ', ' if not loop.last }}
    {%- endfor -%}
) as (

{{ select_sql }}
)
{% endmacro %}
