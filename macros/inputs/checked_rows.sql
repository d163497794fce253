{% macro checked_rows(table_name, as_of='') %}
{%- do check_input_model(table_name) -%}
{%- set table = input_tables()[table_name] -%}
{%- set columns = table['columns'].keys() | join(', ') -%}
{%- set finds_window_end = table['event_time'] and not as_of -%}
with

{% if finds_window_end -%}
{# From the input itself, so that only one column is read twice. #}
window_end as (
    {{ end_of_window(input_relation(table_name), table['event_time']) }}
),

{% endif -%}
input_rows as (select {{ columns }} from {{ input_relation(table_name) }}),
distinct_rows as (select {{ columns }}, count(*) as row_count from input_rows group by {{ columns }}),

checked_rows as (
    select {{ columns }}, row_count, {{ rejection_reason(table_name, as_of, finds_window_end) }} as rejection_reason

    from distinct_rows
    {%- if finds_window_end %}

    cross join window_end
    {%- endif %}
)

{%- if table['unique_key'] %},

{# The first of good rows with one key and other values stays, nulls last. So the order of the file does not matter. #}
{%- set key = table['unique_key'] %}
one_row_per_key as (
    select
        {{ columns }},
        row_count,
        case
            when rejection_reason is null and row_number() over (
                partition by {{ key }}, rejection_reason
                order by {{ table['columns'].keys() | reject('equalto', key) | join(' nulls last, ') }} nulls last
            ) > 1 then '{{ key }} repeats with other values'
            else rejection_reason
        end as rejection_reason

    from checked_rows
)

select * from one_row_per_key
{%- else %}

select * from checked_rows
{%- endif %}
{% endmacro %}


{% macro rejection_reason(table_name, as_of='', has_window_end=false, text_columns=[]) -%}
    {%- set table = input_tables()[table_name] -%}
    case
        {%- set first_column = (table['columns'] | list)[0] %}
        {%- if id_columns(table_name).get(first_column) in ['user', 'tweet'] and first_column not in text_columns %}
        when {{ first_column }} = {{ erased_row_mark() }} then 'names somebody who was erased'
        {%- endif %}
        {%- for column_name in table['keys'] %}
        when {{ column_name }} is null then '{{ column_name }} is null'
        {%- endfor %}
        {%- for column_name, column_type in table['columns'].items() if column_type == 'int64' and column_name not in text_columns %}
        when {{ column_name }} < 0 then '{{ column_name }} is negative'
        {%- endfor %}
        {%- for column_name, column_type in table['columns'].items() if column_type == 'timestamp' %}
        when not ({{ is_plausible_time(column_name) }}) then '{{ column_name }} is before 1970 or after 2099'
        {%- endfor %}
        {%- for column_name, values in (table['known_values'] or {}).items() %}
        when {{ column_name }} not in ({{ quoted_texts(values) }}) then {{ "'" ~ column_name ~ " is unknown'" if values_are_hidden() else "concat('" ~ column_name ~ " is unknown: ', " ~ column_name ~ ')' }}
        {%- endfor %}
        {%- for condition, reason in (table['broken_rows'] or {}).items() %}
        when {{ condition }} then '{{ reason }}'
        {%- endfor %}
        {%- if as_of and table['event_time'] %}
        when {{ table['event_time'] }} > cast({{ quoted_text(as_of) }} as timestamp) then '{{ table['event_time'] }} is after as_of'
        {%- elif has_window_end %}
        when {{ table['event_time'] }} > window_ends_at then '{{ table['event_time'] }} stands apart, long after the other events'
        {%- endif %}
    end
{%- endmacro %}


{# A text id is shown as the input writes it, by the joins of `joined_id_keys`. #}
{% macro row_text(table_name, rows, text_kinds) -%}
    {%- if values_are_hidden() -%}
    cast(null as string)
    {%- else -%}
    concat(
        {%- for column_name, column_type in input_tables()[table_name]['columns'].items() %}
        {%- set column, kind = rows ~ '.' ~ column_name, id_columns(table_name)[column_name] %}
        '{{ column_name }}=', coalesce(
            {%- if kind and kind in text_kinds %}{{ column_name }}_keys.{{ kind }}_key, {% endif -%}
            {{ timestamp_text(column) if column_type == 'timestamp' else "nullif(cast(" ~ column ~ " as string), '" ~ erased_row_mark() ~ "')" }}, 'null'
        )
        {{- ", ', '," if not loop.last }}
        {%- endfor %}
    )
    {%- endif -%}
{%- endmacro %}


{# Rows of the inputs are shown in messages, logs and reports, unless the operator says that they may not be. #}
{% macro values_are_hidden() %}
    {{ return(env_var('SIMCLUSTERS_HIDE_VALUES', '') not in ['', '0']) }}
{% endmacro %}


{% macro joined_id_keys(table_name, rows, text_kinds) -%}
    {%- for column_name, kind in id_columns(table_name).items() if kind in text_kinds %}
    left join {{ id_dictionary(kind) }} as {{ column_name }}_keys on {{ rows }}.{{ column_name }} = {{ column_name }}_keys.{{ kind }}_id
    {% endfor -%}
{%- endmacro %}
