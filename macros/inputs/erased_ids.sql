{#
    Who was erased (forget.sql) does not come back from old inputs. `erased_ids` holds hashes of ids as the inputs write them. A row that
    names one of them loses all its values where it is read. A number that no id has stands in its first column, so that it is counted.
#}
{% macro erased_ids_relation() %}
    {{ return(stored_model('erased_ids')) }}
{% endmacro %}


{#
    A hash of each row would slow a large build, so nothing is compared with an empty list. The stream keeps its queries, and somebody may
    be erased while it works.
#}
{% macro has_erased_ids() %}
    {%- if not execute or model.resource_type == 'unit_test' -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set erased_ids = erased_ids_relation() -%}
    {{ return(erased_ids and (is_inline() or run_query('select id_hash from ' ~ erased_ids ~ ' limit 1') | length > 0)) }}
{% endmacro %}


{# Whether this is `dbt compile --inline`, by which the stream asks for its queries. #}
{% macro is_inline() %}
    {{ return(model.resource_type | string == 'sql_operation') }}
{% endmacro %}


{% macro is_erased_id(kind, text) -%}
    coalesce({{ id_hash(kind, text) }} in (select erased_ids.id_hash from {{ erased_ids_relation() }} as erased_ids), false)
{%- endmacro %}


{# SQL on `stored`; nothing when nobody is erased, or the table names neither users nor tweets. #}
{% macro names_erased_id(table_name, origin, text_columns) -%}
    {%- set conditions = [] -%}
    {%- set id_names = id_columns(table_name) if has_erased_ids() else {} -%}
    {%- for column_name, kind in id_names.items() if kind != 'topic' and column_name in origin['stored_columns'] -%}
        {%- set stored_name, stored_type = origin['stored_columns'][column_name] -%}
        {%- set column = 'stored.' ~ adapter.quote(stored_name) -%}
        {%- set number = 'cast(' ~ parsed_value(column, 'int64', stored_type) ~ ' as string)' -%}
        {%- do conditions.append(is_erased_id(kind, id_key(column, stored_type) if column_name in text_columns else number)) -%}
    {%- endfor -%}
    {{ return('(' ~ conditions | join(' or ') ~ ')' if conditions else '') }}
{%- endmacro %}


{# The number in the first column of a row that lost its values. #}
{% macro erased_row_mark() %}
    {{- return('-9223372036854775807') -}}
{% endmacro %}


{# For the stream, whose events have numbers. Text ids that were erased have lost theirs. #}
{% macro event_names_erased_id(events) -%}
    {%- set conditions = ['false'] -%}
    {%- if has_erased_ids() -%}
        {%- for kind, column_name in [('user', 'user_id'), ('tweet', 'tweet_id')] if not has_dictionary_rows(kind) -%}
            {%- do conditions.append(is_erased_id(kind, 'cast(' ~ events ~ '.' ~ column_name ~ ' as string)')) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return('(' ~ conditions | join(' or ') ~ ')') }}
{%- endmacro %}
