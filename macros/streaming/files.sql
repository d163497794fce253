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
        {{ return(tojson({'problem': 'the file has no header'})) }}
    {% elif missing %}
        {% set names = (origin['headers'].values() | first) | join(', ') %}
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
    {% endset %}
    {{ return(tojson({'rows': rows, 'rejected': rejected})) }}
{% endmacro %}


{% macro event_file_origin(path) %}
    {{ return(read_files([described_file(path)], input_tables()['engagements']['columns'].keys() | list)) }}
{% endmacro %}
