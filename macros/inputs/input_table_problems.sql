{#
    Why an input table of the user cannot be used, as a list of texts that name table, column, rule and up to five rows. One scan counts;
    only a table with problems is read again, for the rows to show.
#}
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
            ~ example_rows(checked, 'unreadable_column is null and rejection_reason is not null', "concat(rejection_reason, ': ', stored_text)")
        ) %}
    {% endif %}

    {{ return(problems) }}
{% endmacro %}
