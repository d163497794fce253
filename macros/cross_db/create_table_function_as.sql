{#
    It exists because DuckDB calls it a table macro, and stores its text as it is. A text that names the database breaks when the file gets
    another name, so the name is left out. (DuckDB leaves it out of views by itself.) Only in an attached database it stays, because what is
    called from another database looks there first.
#}
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
) as table (

{{ without_own_database(relation, select_sql) }}
)
{{ text_id_overload(relation, arguments, select_sql) }}
{% endmacro %}

{# The same function for text ids: the argument is replaced by its number. BigQuery has no functions of one name with other types. #}
{% macro text_id_overload(relation, arguments, select_sql) %}
    {%- set kinds = config.meta_get('text_ids') or {} -%}
    {%- if kinds -%}
, (
    {%- for name, data_type in arguments.items() -%}
        {{ name }} {{ 'string' if name in kinds else data_type }}{{ ', ' if not loop.last }}
    {%- endfor -%}
) as table (
        {%- set texts = [select_sql] -%}
        {%- for name, kind in kinds.items() -%}
            {%- set number -%}
                {%- if kind in id_kinds() -%}
                    {{ number_of_text_id(kind, name) }}
                {%- else -%}
                    case {{ kind }}
                        when 'tweet' then {{ number_of_text_id('tweet', name) }}
                        when 'topic' then {{ number_of_text_id('topic', name) }}
                        else {{ number_of_text_id('user', name) }}
                    end
                {%- endif -%}
            {%- endset -%}
            {%- do texts.append(modules.re.sub('(?<![A-Za-z0-9_.])' ~ name ~ '(?![A-Za-z0-9_])', number, texts[-1])) -%}
        {%- endfor %}

{{ without_own_database(relation, texts[-1]) }}
)
    {%- endif -%}
{% endmacro %}

{% macro without_own_database(relation, select_sql) %}
    {%- if run_query('select current_database()').rows[0][0] != relation.database -%}
        {{ return(select_sql) }}
    {%- endif -%}
    {%- set database = modules.re.escape(relation.include(schema=false, identifier=false) | string) -%}
    {{ return(modules.re.sub('(?<![A-Za-z0-9_."])' ~ database ~ '[.]', '', select_sql)) }}
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
