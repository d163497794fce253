{#
    By the rules of the batch: typed_input reads, rejection_reason judges. Values that cannot be read stop a batch; here they are null in
    `rows`, so rejected, and named in `rejected`.
#}
{% macro event_file_queries(path) %}
    {% if not execute %}
        {{ return('') }}
    {% endif %}
    {% set table_name = 'engagements' %}
    {% set origin = event_file_origin(path) %}
    {% set missing = input_tables()[table_name]['keys'] | reject('in', origin['stored_columns']) | list %}
    {% if origin['relation'] is none %}
        {{ return(tojson({'problem': origin.get('problem') or 'the file has no header'})) }}
    {% elif missing %}
        {% set names = names_of_header(origin['headers'].values() | first) %}
        {{ return(tojson({'problem': 'it has no column ' ~ missing | join(', ') ~ '; it has ' ~ names})) }}
    {% endif %}

    {% set columns = input_tables()[table_name]['columns'].keys() | join(', ') %}
    {% set rows %}
select {{ columns }}, {{ rejection_reason(table_name) }} as rejection_reason

from {{ typed_input(table_name, origin) }} as typed_rows
    {% endset %}
    {% set rejected %}
select
    case when unreadable_column is null then rejection_reason else concat(unreadable_column, ' cannot be read') end as reason,
    count(*) as row_count,
    min(stored_text) as example_row

from {{ checked_input(table_name, origin, text_id_kinds()) }} as checked_rows

where unreadable_column is not null
    or rejection_reason is not null

group by reason

union all

select rejection_reason as reason, count(*) as row_count, cast(null as string) as example_row

from ({{ rows }}) as all_rows

where user_id = {{ erased_row_mark() }}

group by rejection_reason
    {% endset %}
    {% set new_ids = [] %}
    {% for column_name, kind in text_id_columns(table_name, origin, text_id_kinds()).items() %}
        {% do new_ids.append(numbered_ids_of_file(kind, column_name, origin)) %}
    {% endfor %}
    {{ return(tojson({'new_ids': new_ids, 'rows': rows, 'rejected': rejected})) }}
{% endmacro %}


{# As numbered_ids, which the next batch runs: it finds these ids known. #}
{% macro numbered_ids_of_file(kind, column_name, origin) %}
{%- set dictionary = id_dictionary(kind) -%}
{%- set stored_name, stored_type = origin['stored_columns'][column_name] -%}
insert into {{ dictionary }} ({{ kind }}_id, {{ kind }}_key)

select
    (select coalesce(max(known_ids.{{ kind }}_id), 0) from {{ dictionary }} as known_ids) + row_number() over (order by new_keys.id_key),
    new_keys.id_key

from (
    select distinct {{ id_key('stored.' ~ adapter.quote(stored_name), stored_type) }} as id_key from {{ origin['relation'] }} as stored
) as new_keys

where new_keys.id_key is not null
    and not exists (select 1 as one from {{ dictionary }} as known_ids where known_ids.{{ kind }}_key = new_keys.id_key)
    {{ 'and not ' ~ is_erased_id(kind, 'new_keys.id_key') if has_erased_ids() }}
{% endmacro %}


{% macro event_file_origin(path) %}
    {{ return(read_files([described_file(path)], input_tables()['engagements']['columns'].keys() | list)) }}
{% endmacro %}
