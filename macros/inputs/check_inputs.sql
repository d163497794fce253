{#
    It reads each table once and says everything that is wrong in one message. The sample is the project's own, so it is not checked. Other
    commands replace nothing.
#}
{% macro check_inputs() %}
    {% if not execute or flags.WHICH not in ['run', 'build'] %}
        {{ return('') }}
    {% endif %}

    {% set problems = input_settings_problems() %}

    {% if not problems and (var('input_dir') or var('input_schema')) %}
        {% for table_name in input_tables() %}
            {% do problems.extend(input_table_problems(table_name)) %}
        {% endfor %}
    {% endif %}

    {% if problems %}
        {{ exceptions.raise_compiler_error('The inputs cannot be used; no table was replaced.\n- ' ~ problems | join('\n- ')) }}
    {% endif %}
{% endmacro %}


{% macro input_settings_problems() %}
    {% set problems = [] %}
    {% set input_dir = var('input_dir') %}
    {% set as_of = var('as_of') | string %}

    {% if input_dir and var('input_schema') %}
        {% do problems.append("vars input_dir ('" ~ input_dir ~ "') and input_schema ('" ~ var('input_schema') ~ "'): both are set; set one") %}
    {% elif input_dir and '://' not in input_dir and not existing_files([input_dir.rstrip('/') ~ '/*']) %}
        {% do problems.append("var input_dir: the folder '" ~ input_dir ~ "' does not exist, or is empty") %}
    {% endif %}

    {# check_vars has seen the form of it. #}
    {% if as_of and run_query('select ' ~ parsed_timestamp(quoted_text(as_of), 'string')).rows[0][0] is none %}
        {% do problems.append("var as_of: '" ~ as_of ~ "' does not exist") %}
    {% endif %}

    {% if var('engagement_days') and not as_of %}
        {% do problems.append('var engagement_days: ' ~ var('engagement_days') ~ ' days before as_of are asked for, and the var as_of is not set') %}
    {% endif %}

    {{ return(problems) }}
{% endmacro %}


{# One scan counts. Only a table with problems is read again, for the rows to show. #}
{% macro input_table_problems(table_name) %}
    {% set table = input_tables()[table_name] %}
    {% set origin = input_origin(table_name) %}
    {% set label = table_name ~ ' (' ~ origin['name'] ~ ')' %}

    {% if origin['files'] | length > 1 %}
        {{ return([label ~ ': both files exist; keep one']) }}
    {% elif origin['relation'] is none %}
        {% set cause = 'the file is empty, without a header' if origin['files'] else 'there is none' %}
        {{ return([label ~ ': the table is required, and ' ~ cause] if table['is_required'] else []) }}
    {% endif %}

    {% set problems = [] %}
    {% set stored_names = origin['stored_columns'].values() | map(attribute=0) | join(', ') %}
    {% for column_name in table['keys'] if column_name not in origin['stored_columns'] %}
        {% do problems.append(label ~ ', column ' ~ column_name ~ ': the column is required, and is missing; the table has ' ~ stored_names) %}
    {% endfor %}
    {% if problems %}
        {{ return(problems) }}
    {% endif %}

    {% set checked = checked_input(table_name, origin) %}
    {% set count_by_verdict %}
        select
            unreadable_column,
            rejection_reason is not null as is_rejected,
            count(*) as row_count

        from {{ checked }} as checked_rows

        group by unreadable_column,
            rejection_reason is not null
    {% endset %}
    {% set counts = {'all': 0, 'rejected': 0} %}
    {% set unreadable_counts = {} %}
    {% for unreadable_column, is_rejected, row_count in run_query(count_by_verdict) %}
        {% do counts.update({'all': counts['all'] + row_count | int}) %}
        {% if unreadable_column %}
            {% do unreadable_counts.update({unreadable_column: unreadable_counts.get(unreadable_column, 0) + row_count | int}) %}
        {% elif is_rejected %}
            {% do counts.update({'rejected': row_count | int}) %}
        {% endif %}
    {% endfor %}

    {% set kinds = {
        'int64': 'an int64', 'bool': 'a bool (true or false)', 'timestamp': 'a timestamp (2026-01-31 23:59:59, or with an offset like +02:00)',
    } %}
    {% for column_name, row_count in unreadable_counts.items() %}
        {% do problems.append(
            label ~ ', column ' ~ column_name ~ ': not ' ~ kinds[table['columns'][column_name]]
            ~ ' in ' ~ row_count ~ ' of ' ~ counts['all'] ~ ' rows'
            ~ example_rows(checked, "unreadable_column = '" ~ column_name ~ "'", 'stored_text')
        ) %}
    {% endfor %}

    {% set limit = var('rejected_share_limit') %}
    {% if table['is_required'] and not counts['all'] %}
        {% do problems.append(label ~ ': the table is required, and has no rows') %}
    {% elif counts['rejected'] > limit * counts['all'] %}
        {% do problems.append(
            label ~ ': ' ~ counts['rejected'] ~ ' of ' ~ counts['all'] ~ ' rows break a rule; var rejected_share_limit allows a share of ' ~ limit
            ~ counted_reasons(checked) ~ valid_values(table)
        ) %}
    {% endif %}

    {{ return(problems) }}
{% endmacro %}


{#
    `unreadable_column` is the first column with a value of another type, or null. Blank text is a null, not a wrong value. Events after
    as_of break no rule here, because an early as_of is a way to look at the past.
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


{# The five most frequent, each with a row. #}
{% macro counted_reasons(checked) %}
    {% set query %}
        select concat(rejection_reason, ': ', min(stored_text)) as row_text, count(*) as row_count

        from {{ checked }} as checked_rows

        where unreadable_column is null and rejection_reason is not null

        group by rejection_reason

        order by row_count desc, rejection_reason

        limit 5
    {% endset %}
    {% set lines = [] %}
    {% for row_text, row_count in run_query(query) %}
        {% do lines.append('\n    ' ~ row_text ~ ' (rows: ' ~ row_count | int ~ ')') %}
    {% endfor %}
    {{ return(lines | join) }}
{% endmacro %}


{% macro valid_values(table) %}
    {% set lines = [] %}
    {% for column_name, values in (table['known_values'] or {}).items() %}
        {% do lines.append('\n    Values of ' ~ column_name ~ ': ' ~ values | join(', ')) %}
        {% if column_name in (table['synonyms'] or {}) %}
            {% do lines.append('; the var ' ~ column_name ~ 's gives other names to them, as in {like: fav}') %}
        {% endif %}
    {% endfor %}
    {{ return(lines | join) }}
{% endmacro %}


{% macro example_rows(checked, condition, row_text) %}
    {% set rows = run_query(
        'select ' ~ row_text ~ ' as row_text from ' ~ checked ~ ' as checked_rows where ' ~ condition ~ ' order by row_text limit 5'
    ) %}
    {{ return('\n    ' ~ rows.columns[0].values() | join('\n    ')) }}
{% endmacro %}
