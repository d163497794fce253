{#
    Ids inside the pipeline are int64. Where the inputs have text (handles, UUIDs), a dictionary per kind of id numbers it, and a base model
    reads the numbers. A dictionary with rows is the memory of the choice: its kind of id stays text.
#}
{% macro id_kinds() %}
    {{ return({
        'user': ['consumer_id', 'producer_id', 'user_id', 'author_id', 'blocked_user_id'],
        'tweet': ['tweet_id'],
        'topic': ['topic_id'],
    }) }}
{% endmacro %}


{# Whom a column names: who follows and engages, who is followed and writes, or anyone. #}
{% macro id_side(table_name, column_name) %}
    {% if table_name == 'users' or table_name == 'opt_outs' or column_name == 'blocked_user_id' %}
        {{ return('anyone') }}
    {% elif column_name in ['consumer_id', 'user_id'] %}
        {{ return('consumers') }}
    {% endif %}
    {{ return('producers') }}
{% endmacro %}


{# Kind by column name, of the id columns of an input table. #}
{% macro id_columns(table_name) %}
    {% set kinds = {} %}
    {% for column_name in input_tables()[table_name]['columns'] %}
        {% for kind, column_names in id_kinds().items() if column_name in column_names %}
            {% do kinds.update({column_name: kind}) %}
        {% endfor %}
    {% endfor %}
    {{ return(kinds) }}
{% endmacro %}


{# Those id columns of a stored table that are numbered: the kind by column name. #}
{% macro text_id_columns(table_name, origin, text_kinds) %}
    {% set kinds = {} %}
    {% for column_name, kind in id_columns(table_name).items() if kind in text_kinds and column_name in origin['stored_columns'] %}
        {% do kinds.update({column_name: kind}) %}
    {% endfor %}
    {{ return(kinds) }}
{% endmacro %}


{# Whether a table of an earlier run has integers of this kind. #}
{% macro has_integer_ids(kind) %}
    {% set found = [] %}
    {% for table_name in input_tables() if kind in id_columns(table_name).values() %}
        {% set base = stored_model('base_' ~ table_name) %}
        {% if base and run_query('select row_count from ' ~ base ~ ' where rejection_reason is null limit 1') | length > 0 %}
            {% do found.append(table_name) %}
        {% endif %}
    {% endfor %}
    {{ return(found | length > 0) }}
{% endmacro %}


{# Not by ref, because the check of the inputs and the reports ask too, and the edges are those of the base models. #}
{% macro id_dictionary(kind) %}
    {{ return(stored_model(kind ~ '_ids')) }}
{% endmacro %}


{# Whether ids of a kind are text in this database. Unlike text_id_kinds it needs no vars. #}
{% macro has_dictionary_rows(kind) %}
    {% set dictionary = id_dictionary(kind) %}
    {{ return(dictionary and run_query('select ' ~ kind ~ '_id from ' ~ dictionary ~ ' limit 1') | length > 0) }}
{% endmacro %}


{# The sample has integers, and a unit test what it is given. The files of a stream have the ids of the batch, and no var names them. #}
{% macro text_id_kinds() %}
    {% set kinds = [] %}
    {% if execute and model.resource_type != 'unit_test' and (is_inline() or not reads_sample()) %}
        {% for kind in id_kinds() if has_dictionary_rows(kind) %}
            {% do kinds.append(kind) %}
        {% endfor %}
    {% endif %}
    {{ return(kinds) }}
{% endmacro %}


{% macro is_text_type(stored_type) %}
    {{ return(stored_type in ['string', 'varchar', 'uuid'] or stored_type.startswith('enum(')) }}
{% endmacro %}


{#
    Case counts, spaces around do not. Both adapters' `trim` alone would differ: DuckDB's knows the space, BigQuery's all of Unicode's. A
    number is written as the integer that it is. Nearly all ids begin and end with a letter, and looking is ten times cheaper than trimming.
#}
{% macro id_key(column, stored_type) -%}
    {%- if is_text_type(stored_type) -%}
        {%- set text = 'cast(' ~ column ~ ' as string)' -%}
        case
            when left({{ text }}, 1) between '!' and '~' and right({{ text }}, 1) between '!' and '~' then {{ text }}
            else nullif(trim({{ text }}, concat(
            {%- for code in [9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201, 8202, 8232, 8233, 8239, 8287, 12288] -%}
            chr({{ code }}){{ ', ' if not loop.last }}
            {%- endfor -%}
            )), '')
        end
    {%- else -%}
        cast({{ parsed_value(column, 'int64', stored_type) }} as string)
    {%- endif -%}
{%- endmacro %}


{#
    The whole text of a dictionary: new keys are numbered in the order of their text, after the largest number. So neither the order of the
    rows nor the warehouse matters, and a number never changes.
#}
{% macro numbered_ids(kind) %}
{%- set tables = [] -%}
{%- for table_name in input_tables() if kind in id_columns(table_name).values() -%}
    {%- do input_edges(table_name) -%}
    {%- do tables.append(table_name) -%}
{%- endfor -%}
{%- if not has_text_ids(kind) -%}
with

no_ids as (select cast(null as int64) as {{ kind }}_id, cast(null as string) as {{ kind }}_key),
numbered_keys as (select {{ kind }}_id, {{ kind }}_key from no_ids where {{ kind }}_id is not null)

select * from numbered_keys
{%- else -%}
with

input_ids as (
    select cast(null as string) as id_key
    {%- for table_name in tables -%}
        {%- set origin = id_origin(table_name) -%}
        {%- for column_name, column_kind in id_columns(table_name).items()
            if column_kind == kind and origin['relation'] is not none and column_name in origin['stored_columns'] -%}
            {%- set stored_name, stored_type = origin['stored_columns'][column_name] %}
    union all
    select {{ id_key('stored.' ~ adapter.quote(stored_name), stored_type) }} as id_key
    from {{ origin['relation'] }} as stored {{ recent_rows_filter(table_name, origin) }}
        {%- endfor -%}
    {%- endfor %}
),
input_keys as (
    select distinct id_key from input_ids where id_key is not null {{ 'and not ' ~ is_erased_id(kind, 'id_key') if has_erased_ids() }}
),

{% if is_incremental() -%}
known_ids as (select {{ kind }}_id, {{ kind }}_key from {{ this }}),
{%- else -%}
known_ids as (select cast(null as int64) as {{ kind }}_id, cast(null as string) as {{ kind }}_key),
{%- endif %}
largest_id as (select coalesce(max({{ kind }}_id), 0) as {{ kind }}_id from known_ids),

new_keys as (
    select input_keys.id_key

    from input_keys

    left join known_ids on input_keys.id_key = known_ids.{{ kind }}_key

    where known_ids.{{ kind }}_key is null
),

numbered_keys as (
    select
        largest_id.{{ kind }}_id + row_number() over (order by new_keys.id_key) as {{ kind }}_id,
        new_keys.id_key as {{ kind }}_key

    from new_keys

    cross join largest_id
)

select * from numbered_keys
{%- endif -%}
{% endmacro %}


{# A unit test reads the seed that it is given, as text. #}
{% macro id_origin(table_name) %}
    {% if model.resource_type == 'unit_test' %}
        {% set columns = {} %}
        {% for column_name in id_columns(table_name) %}
            {% do columns.update({column_name: (column_name, 'string')}) %}
        {% endfor %}
        {{ return({'relation': ref('raw_' ~ table_name), 'stored_columns': columns}) }}
    {% endif %}
    {{ return(input_origin(table_name)) }}
{% endmacro %}


{#
    Whether a dictionary numbers its kind of id. The check of the inputs has decided while it read them. Without it, as with inputs that the
    same run makes, their ids are counted here.
#}
{% macro has_text_ids(kind) %}
    {% if model.resource_type == 'unit_test' %}
        {{ return(true) }}
    {% elif not execute or reads_sample() %}
        {{ return(false) }}
    {% elif kind in text_id_kinds() %}
        {{ return(true) }}
    {% endif %}
    {% if graph.get('text_id_kinds', {}).get('invocation_id') == invocation_id %}
        {{ return(kind in graph['text_id_kinds']['kinds']) }}
    {% elif flags.WHICH not in ['run', 'build'] %}
        {{ return(false) }}
    {% endif %}

    {% set checks = {} %}
    {% for table_name in input_tables() if kind in id_columns(table_name).values() %}
        {% do checks.update({table_name: input_table_check(table_name, [])}) %}
    {% endfor %}
    {% set decision = text_id_decision(checks, [], [kind]) %}
    {% if decision['problems'] %}
        {{ exceptions.raise_compiler_error(decision['problems'] | join('\n')) }}
    {% endif %}
    {{ return(kind in decision['new_kinds']) }}
{% endmacro %}


{# Without a row in the dictionary ids are integers, and the text of an integer is its id. #}
{% macro number_of_text_id(kind, text) -%}
    {%- set dictionary = id_dictionary(kind) -%}
    {%- if dictionary -%}
    coalesce(
        (select max(ids.{{ kind }}_id) from {{ dictionary }} as ids where ids.{{ kind }}_key = {{ id_key(text, 'string') }}),
        case when not exists (select 1 as one from {{ dictionary }}) then {{ parsed_integer(text, 'string') }} end
    )
    {%- else -%}
    {{ parsed_integer(text, 'string') }}
    {%- endif -%}
{%- endmacro %}
