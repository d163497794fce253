{#
    Files, tables and models give exactly the columns of `input_tables`: absent ones are typed nulls, and others are left out. An absent table
    has no rows. The sample is the project's own, so in another project it does not exist. Here the edge to its seed stays in every case,
    because the unit tests always read it.
#}
{% macro input_relation(table_name) %}
    {% set sample = input_edges(table_name) %}
    {% if model.resource_type != 'unit_test' %}
        {% for kind in id_columns(table_name).values() | unique %}
            {% do ref(kind ~ '_ids') %}
        {% endfor %}
        {% do ref('erased_ids') %}
    {% endif %}

    {% if not execute or model.resource_type == 'unit_test' or (reads_sample() and not has_erased_ids()) %}
        {# `this` stands for what another project has no sample of. #}
        {{ return(sample or this) }}
    {% elif reads_sample() %}
        {% set stored_columns = {} %}
        {% for column_name, column_type in input_tables()[table_name]['columns'].items() %}
            {% do stored_columns.update({column_name: (column_name, column_type)}) %}
        {% endfor %}
        {{ return(typed_input(table_name, {'relation': sample, 'stored_columns': stored_columns})) }}
    {% endif %}

    {{ return(typed_input(table_name, input_origin(table_name))) }}
{% endmacro %}


{% macro reads_sample() %}
    {{ return(not var('input_dir') and not var('input_schema') and not var('input_models')) }}
{% endmacro %}


{# Named while parsing, so the lineage shows them. A unit test has only what it is given. #}
{% macro input_edges(table_name) %}
    {% if model.resource_type != 'unit_test' %}
        {% if var('input_models') is mapping and table_name in var('input_models') %}
            {% do input_model(table_name) %}
        {% elif var('input_schema') %}
            {% do source('inputs', table_name) %}
        {% endif %}
    {% endif %}
    {{ return(ref('raw_' ~ table_name) if project_name == 'simclusters' else none) }}
{% endmacro %}


{# With the name of the project: a model of the same name here is not meant. #}
{% macro input_model(table_name) %}
    {% set names = var('input_models')[table_name].split('.') %}
    {{ return(ref(names | first, names | last)) }}
{% endmacro %}


{#
    `name` is for messages, `files` are those found, `relation` is to select from (none when there is nothing to read). `stored_columns`
    maps a column name to its stored name and type. Files have more keys (read_files). It asks the warehouse, so it works only while executing.
#}
{% macro input_origin(table_name) %}
    {% if var('input_dir') %}
        {{ return(file_origin(table_name)) }}
    {% endif %}

    {% set stored_columns = {} %}
    {% set declared = none %}
    {% if table_name in var('input_models') %}
        {% set declared = input_model(table_name) %}
    {% elif var('input_schema') %}
        {% set declared = source('inputs', table_name) %}
    {% endif %}
    {% set relation = stored_input(declared) if declared is not none else none %}
    {% if relation is not none %}
        {% for column in adapter.get_columns_in_relation(relation) %}
            {% do stored_columns.update({column.name | trim | lower: (column.name, column.dtype | lower)}) %}
        {% endfor %}
    {% endif %}
    {{ return({'name': declared or 'var input_models', 'files': [], 'relation': relation, 'stored_columns': stored_columns}) }}
{% endmacro %}


{% macro typed_input(table_name, origin) -%}
    {%- set text_columns = text_id_columns(table_name, origin, text_id_kinds()) -%}
    {%- set names_erased = names_erased_id(table_name, origin, text_columns) -%}
    {%- set columns = input_tables()[table_name]['columns'] -%}
    (
        {%- if names_erased %}
        select
            {%- for column_name in columns %}
            case when not names_erased then {{ column_name }}{{ ' else ' ~ erased_row_mark() if loop.first }} end as {{ column_name }}
            {{- ',' if not loop.last }}
            {%- endfor %}

        from (
        {%- endif %}
        select
            {{ typed_columns(table_name, origin, text_columns, 'id') }}
            {{- ', ' ~ names_erased ~ ' as names_erased' if names_erased }}

        {% if origin['relation'] is none -%}
        from (select 1 as no_row) as stored

        where false
        {%- else -%}
        from {{ origin['relation'] }} as stored
        {% for column_name, kind in text_columns.items() %}
        {%- set stored_name, stored_type = origin['stored_columns'][column_name] %}
        left join {{ id_dictionary(kind) }} as {{ column_name }}_keys
            on {{ id_key('stored.' ~ adapter.quote(stored_name), stored_type) }} = {{ column_name }}_keys.{{ kind }}_key
        {% endfor %}
        {{ recent_rows_filter(table_name, origin) }}
        {%- endif %}
        {{ ') as read_rows' if names_erased }}
    )
{%- endmacro %}


{% macro typed_columns(table_name, origin, text_columns, read_as) -%}
    {%- set table = input_tables()[table_name] -%}
    {%- for column_name, column_type in table['columns'].items() %}
    {%- set stored_name, stored_type = origin['stored_columns'].get(column_name, (none, none)) %}
    {%- if column_name in text_columns and read_as == 'id' %}
    {{ column_name }}_keys.{{ text_columns[column_name] }}_id as {{ column_name }}{{ ',' if not loop.last }}
    {%- elif column_name in text_columns %}
    {{ id_key('stored.' ~ adapter.quote(stored_name), stored_type) }} as {{ column_name }}{{ ',' if not loop.last }}
    {%- elif column_name in origin['stored_columns'] %}
    {%- set value = parsed_value('stored.' ~ adapter.quote(stored_name), column_type, stored_type) -%}
    {%- if column_name in (table['known_values'] or {}) -%}
        {%- set value = known_value(value, table['known_values'][column_name], (table['synonyms'] or {}).get(column_name, {})) -%}
    {%- elif column_type == 'string' -%}
        {#- In a CSV file nothing is no value; Parquet and warehouses hold empty texts. -#}
        {%- set value = "nullif(trim(" ~ value ~ "), '')" -%}
    {%- endif %}
    {{ value }} as {{ column_name }}{{ ',' if not loop.last }}
    {%- elif column_type == 'float64' %}
    {{ parsed_number('null') }} as {{ column_name }}{{ ',' if not loop.last }}
    {%- else %}
    cast(null as {{ column_type }}) as {{ column_name }}{{ ',' if not loop.last }}
    {%- endif %}
    {%- endfor %}
{%- endmacro %}


{#
    The bound is a constant, so a table with a partition per day of engaged_at is read in those partitions only. A value that is not a time
    stays, for the check.
#}
{% macro recent_rows_filter(table_name, origin) -%}
    {%- set event_time = input_tables()[table_name]['event_time'] -%}
    {%- if event_time and var('engagement_days') > 0 and event_time in origin['stored_columns'] -%}
        {%- set stored_name, stored_type = origin['stored_columns'][event_time] -%}
        {%- set column = 'stored.' ~ adapter.quote(stored_name) -%}
        {%- set as_of = modules.datetime.datetime.fromisoformat(var('as_of') | string) -%}
        {%- set oldest = as_of - modules.datetime.timedelta(days=var('engagement_days')) -%}
        {%- set happened_at = parsed_value(column, 'timestamp', stored_type) -%}
        where ({{ column if stored_type == 'timestamp' else happened_at }} >= cast('{{ oldest }}' as timestamp)
        {%- if stored_type != 'timestamp' %}
            or {{ happened_at }} is null
        {%- endif -%})
    {%- endif -%}
{%- endmacro %}


{# The check of the inputs stops on such values, so loading never sees them. #}
{% macro parsed_value(column, column_type, stored_type) -%}
    {%- if is_stored_as(column_type, stored_type) -%}
        cast({{ column }} as {{ column_type }})
    {%- elif column_type == 'int64' -%}
        {{ parsed_integer(column, stored_type) }}
    {%- elif column_type == 'float64' -%}
        {{ parsed_number(column) }}
    {%- elif column_type == 'timestamp' -%}
        {{ parsed_timestamp(column, stored_type) }}
    {%- elif column_type == 'bool' -%}
        case
            when lower(trim(cast({{ column }} as string))) in ('true', 't', 'yes', 'y', '1') then true
            when lower(trim(cast({{ column }} as string))) in ('false', 'f', 'no', 'n', '0') then false
        end
    {%- else -%}
        cast({{ column }} as {{ column_type }})
    {%- endif -%}
{%- endmacro %}


{% macro is_stored_as(column_type, stored_type) %}
    {{ return(stored_type in {
        'int64': ['int64', 'bigint', 'integer', 'smallint', 'tinyint', 'uinteger', 'usmallint', 'utinyint'],
        'float64': [],
        'string': ['string', 'varchar'],
        'bool': ['bool', 'boolean'],
        'timestamp': ['timestamp'],
    }[column_type]) }}
{% endmacro %}
