{#
    It reads each table once and says everything that is wrong in one message. The sample is the project's own, so it is not checked. Other
    commands replace nothing. Models of a project around this one may be built in the same run, so each is checked when it is read.
#}
{% macro check_inputs() %}
    {% if not execute or flags.WHICH not in ['run', 'build'] or not is_selected('model') %}
        {{ return('') }}
    {% endif %}

    {% do stop_on_problems('simclusters cannot work so; no table was replaced', warehouse_problems() + package_problems()) %}

    {% set problems = input_settings_problems() %}
    {% set new_kinds = [] %}

    {% if not problems and not reads_sample() and not var('input_models') %}
        {% set known_kinds = text_id_kinds() %}
        {% set checks = {} %}
        {% for table_name in input_tables() %}
            {% do checks.update({table_name: input_table_check(table_name, known_kinds)}) %}
        {% endfor %}

        {% set decision = text_id_decision(checks, known_kinds, id_kinds()) %}
        {# Ids of another kind than before are no fault of inputs that should not be here at all. #}
        {% if decision['problems'] %}
            {% do check_origin() %}
        {% endif %}
        {% do new_kinds.extend(decision['new_kinds']) %}
        {% do problems.extend(decision['problems']) %}
        {% for table_name, check in checks.items() %}
            {% if id_columns(table_name).values() | select('in', new_kinds) | list %}
                {% set check = input_table_check(table_name, known_kinds + new_kinds) %}
            {% endif %}
            {% do problems.extend(check['problems']) %}
        {% endfor %}
    {% endif %}

    {% do stop_on_problems('The inputs cannot be used; no table was replaced', problems) %}

    {# For the dictionaries: nothing else is shared by the hooks and models of a run. Of models the dictionaries count themselves. #}
    {% if not var('input_models') %}
        {% do graph.update({'text_id_kinds': {'invocation_id': invocation_id, 'kinds': new_kinds}}) %}
    {% endif %}
{% endmacro %}


{# What stands before it in a base model fails that model, and so skips what needs it; models of others go on. #}
{% macro check_input_model(table_name) %}
    {% if execute and flags.WHICH in ['run', 'build'] and var('input_models') and model.resource_type == 'model' %}
        {% do stop_on_problems('The input cannot be used; ' ~ this ~ ' stays as it was', input_table_check(table_name, text_id_kinds())['problems']) %}
    {% endif %}
{% endmacro %}


{% macro stop_on_problems(headline, problems) %}
    {% if problems %}
        {{ exceptions.raise_compiler_error(headline ~ '.\n- ' ~ problems | join('\n- ')) }}
    {% endif %}{% endmacro %}


{% macro input_settings_problems() %}
    {% set problems = [] %}
    {% set input_dir = var('input_dir') %}
    {% set as_of = var('as_of') | string %}

    {% set named = [] %}
    {% for name in ['input_dir', 'input_schema', 'input_models'] if var(name) %}
        {% do named.append(name ~ " ('" ~ var(name) ~ "')") %}
    {% endfor %}
    {% for table_name, model_name in var('input_models').items() %}
        {% if table_name not in input_tables() %}
            {% do problems.append("var input_models: '" ~ table_name ~ "' is no input; these are: " ~ input_tables() | join(', ')) %}
        {% elif model_name.split('.') | length != 2 %}
            {% do problems.append("var input_models: '" ~ model_name ~ "' is not a project and its model, as in my_project.my_follows") %}
        {% endif %}
    {% endfor %}
    {% if named | length > 1 %}
        {% do problems.append('vars ' ~ named | join(' and ') ~ ': ' ~ ('both' if named | length == 2 else 'all') ~ ' are set; set one') %}
    {% elif not named and project_name != 'simclusters' %}
        {% do problems.append('no input is named: set the var input_models, as in {follows: my_project.my_follows}; docs/package.md says more') %}
    {% elif input_dir %}
        {% do problems.extend(input_dir_problems(input_dir)) %}
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


{# dbt writes a var into its logs, and so would write a password in it. #}
{% macro input_dir_problems(input_dir) %}
    {% if '://' in input_dir %}
        {% set shown = modules.re.sub('^([a-z0-9]+://).*@', '\\1***@', input_dir).split('?')[0] %}
        {% if shown != input_dir %}
            {{ return([
                "var input_dir: the URL " ~ shown ~ " holds a password or a token, which dbt has by now written to its log (logs/dbt.log); "
                ~ "take it out, and give DuckDB a secret (docs/inputs.md)"
            ]) }}
        {% elif input_dir.startswith('http') %}
            {{ return(["var input_dir: a web server (" ~ shown ~ ") has no list of its files; copy them to a folder, or use s3://, gs://, az:// or hf://"]) }}
        {% endif %}
    {% elif files_like([as_pattern(input_dir.rstrip('/'))]) %}
        {{ return(["var input_dir: '" ~ input_dir ~ "' is a file; name the folder that it is in"]) }}
    {% elif not has_files(input_dir.rstrip('/')) %}
        {{ return(["var input_dir: the folder '" ~ input_dir ~ "' does not exist, or holds no file"]) }}
    {% endif %}
    {{ return([]) }}
{% endmacro %}


{#
    One scan counts. Only a table with problems is read again, for the rows to show, and one whose ids turn out to be text. `ids` counts the
    values of each id column, and those of them that are no integers.
#}
{% macro input_table_check(table_name, text_kinds) %}
    {% set table = input_tables()[table_name] %}
    {% set ids = {} %}
    {% set origin = input_origin(table_name) %}
    {% set label = table_name ~ ' (' ~ origin['name'] ~ ')' %}

    {% if origin.get('problem') %}
        {{ return({'problems': [label ~ ': ' ~ origin['problem']], 'ids': ids}) }}
    {% elif origin['relation'] is none and not table['is_required'] %}
        {{ return({'problems': [], 'ids': ids}) }}
    {% elif origin['relation'] is none %}
        {% set cause = 'the file is empty, without a header' if origin['files'] else 'there is none' ~ what_there_is(table_name) %}
        {{ return({'problems': [label ~ ': the table is required, and ' ~ cause], 'ids': ids}) }}
    {% endif %}

    {% set problems = header_problems(label, table, origin) %}
    {% if problems %}
        {{ return({'problems': problems, 'ids': ids}) }}
    {% endif %}

    {% set tolerant_origin = dict(origin, relation=origin.get('tolerant_relation') or origin['relation']) %}
    {% set checked = checked_input(table_name, tolerant_origin, text_kinds) %}
    {% set id_names = id_columns(table_name).keys() | select('in', origin['stored_columns']) | list %}
    {% set count_by_verdict %}
        select
            unreadable_column,
            rejection_reason is not null as is_rejected,
            count(*) as row_count
            {%- for column_name in id_names %},
            count(case when {{ column_name }}_is_given then 1 end) as {{ column_name }}_given_count,
            count(case when {{ column_name }}_is_text then 1 end) as {{ column_name }}_text_count
            {%- endfor %}

        from {{ checked }} as checked_rows

        group by unreadable_column,
            rejection_reason is not null
    {% endset %}
    {% set counts = {'all': 0, 'rejected': 0} %}
    {% set unreadable_counts = {} %}
    {% for verdict in run_query(count_by_verdict) %}
        {% set unreadable_column, is_rejected, row_count = verdict[0], verdict[1], verdict[2] %}
        {% do counts.update({'all': counts['all'] + row_count | int}) %}
        {% for column_name in id_names %}
            {% set counted = ids.get(column_name, (0, 0)) %}
            {% set place = 3 + 2 * loop.index0 %}
            {% do ids.update({column_name: (counted[0] + verdict[place] | int, counted[1] + verdict[place + 1] | int)}) %}
        {% endfor %}
        {% if unreadable_column %}
            {% do unreadable_counts.update({unreadable_column: unreadable_counts.get(unreadable_column, 0) + row_count | int}) %}
        {% elif is_rejected %}
            {% do counts.update({'rejected': row_count | int}) %}
        {% endif %}
    {% endfor %}

    {% for path, problem in rejected_lines(origin) %}
        {% do problems.append(table_name ~ ' (' ~ path ~ '), ' ~ problem) %}
    {% endfor %}

    {% set kinds = {
        'int64': 'an int64', 'float64': 'a number', 'bool': 'a bool (true or false)', 'timestamp': 'a timestamp (2026-01-31 23:59:59, or with an offset like +02:00)',
    } %}
    {% for column_name, row_count in unreadable_counts.items() %}
        {% do problems.append(
            label ~ ', column ' ~ column_name ~ ': not ' ~ kinds[table['columns'][column_name]]
            ~ ' in ' ~ row_count ~ ' of ' ~ counts['all'] ~ ' rows'
            ~ example_rows(checked, "unreadable_column = '" ~ column_name ~ "'", 'stored_text')
        ) %}
    {% endfor %}

    {% set limit = var('rejected_share_limit') %}
    {% if table['is_required'] and not counts['all'] and not problems %}
        {% do problems.append(label ~ ': the table is required, and has no rows') %}
    {% elif counts['rejected'] > limit * counts['all'] %}
        {% do problems.append(
            label ~ ': ' ~ counts['rejected'] ~ ' of ' ~ counts['all'] ~ ' rows break a rule; var rejected_share_limit allows a share of ' ~ limit
            ~ counted_reasons(checked) ~ valid_values(table)
        ) %}
    {% endif %}

    {{ return({'problems': problems, 'ids': ids}) }}
{% endmacro %}


{#
    A kind of id becomes text when most values of its columns are no integers. One stray word among integers is a fault, and so are handles
    in one table and numbers in another. But consumers may be numbers where nine tenths of what they follow are names, or the other way
    round: then all are text. The choice then stays, because tables of earlier runs hold the other numbers.
#}
{% macro text_id_decision(checks, known_kinds, kinds) %}
    {% set new_kinds = [] %}
    {% set problems = [] %}
    {% for kind in kinds %}
        {% set text_names, other_names, text_counts = [], [], [] %}
        {% set text_sides, other_sides, unclear_names = [], [], [] %}
        {% for table_name, check in checks.items() %}
            {% for column_name, counted in check['ids'].items() if id_columns(table_name)[column_name] == kind and counted[0] > 0 %}
                {% set is_text = 2 * counted[1] > counted[0] %}
                {% do (text_names if is_text else other_names).append(table_name ~ '.' ~ column_name) %}
                {% do (text_sides if is_text else other_sides).append(id_side(table_name, column_name)) %}
                {% do unclear_names.append(column_name) if 0.1 * counted[0] < counted[1] < 0.9 * counted[0] %}
                {% do text_counts.append(counted[1]) %}
            {% endfor %}
        {% endfor %}
        {% set sides_differ = not unclear_names and ('consumers' in text_sides) != ('producers' in text_sides) %}
        {% set mixed_sides = text_sides | select('in', other_sides) | reject('equalto', 'anyone' if sides_differ else '') | list %}
        {% set becomes_text = text_names and not mixed_sides and (sides_differ or not other_names) %}
        {% if kind in known_kinds and other_names and not text_counts | sum %}
            {% do problems.append(
                kind ~ ' ids: integers in ' ~ other_names | join(', ') ~ ', but ' ~ id_dictionary(kind) ~ ' numbers text ids of earlier runs. '
                ~ 'Use another database, or drop that table and run with --full-refresh'
            ) %}
        {% elif kind not in known_kinds and becomes_text %}
            {% if has_integer_ids(kind) and not flags.FULL_REFRESH %}
                {% do problems.append(
                    kind ~ ' ids: text in ' ~ text_names | join(', ') ~ ', but the tables of earlier runs hold integers. '
                    ~ 'Use another database, or run with --full-refresh'
                ) %}
            {% else %}
                {% do new_kinds.append(kind) %}
            {% endif %}
        {% elif kind not in known_kinds and text_names %}
            {% do problems.append(
                kind ~ ' ids: text in ' ~ text_names | join(', ') ~ ', but integers in ' ~ other_names | join(', ') ~ '. '
                ~ 'The same ' ~ kind ~ ' needs the same id in each table'
            ) %}
        {% endif %}
    {% endfor %}
    {{ return({'new_kinds': new_kinds, 'problems': problems}) }}
{% endmacro %}


{% macro header_problems(label, table, origin) %}
    {% set problems = [] %}
    {% set headers = origin.get('headers') or {'': origin['stored_columns'].values() | map(attribute=0) | list} %}
    {% for column_name in table['columns'] %}
        {% set lacking = [] %}
        {% for path, names in headers.items() %}
            {% set written = [] %}
            {% for name in names if name | trim | lower == column_name %}
                {% do written.append(name) %}
            {% endfor %}
            {% if not written %}
                {% do lacking.append(path) %}
            {% elif written | length > 1 and origin.get('rejects') %}
                {% do problems.append(label ~ ', column ' ~ column_name ~ ': ' ~ path ~ ' has it ' ~ written | length ~ ' times: ' ~ written | join(', ')) %}
            {% endif %}
        {% endfor %}
        {% if lacking and column_name in table['keys'] %}
            {% set where = '' if lacking | length == headers | length else ' in ' ~ lacking | length ~ ' of ' ~ headers | length ~ ' files' %}
            {% set which = 'the table' if not where else lacking[0] %}
            {% do problems.append(
                label ~ ', column ' ~ column_name ~ ': the column is required, and is missing' ~ where ~ '; ' ~ which ~ ' has '
                ~ names_of_header(headers[lacking[0]])
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}


{# DuckDB passes over a first line that it cannot read, so a row of values may stand in its place. #}
{% macro names_of_header(names) %}
    {% if values_are_hidden() %}
        {{ return(names | length ~ ' columns') }}
    {% endif %}
    {% set shown = [] %}
    {% for name in names[:20] %}
        {% do shown.append(name[:60]) %}
    {% endfor %}
    {% set text = shown | join(', ') ~ (', ...' if names | length > 20 else '') %}
    {% if '\0' in text %}
        {{ return('text of two bytes a letter (UTF-16); save it as UTF-8') }}
    {% elif not modules.re.search('[A-Za-z]', text) %}
        {{ return(text ~ ' in its first readable line; is there a header, in UTF-8?') }}
    {% endif %}
    {{ return(text) }}
{% endmacro %}


{#
    `unreadable_column` is the first column with a value of another type, or null. Blank text is a null, not a wrong value. Events after
    as_of break no rule here, because an early as_of is a way to look at the past. Rows that name somebody who was erased are not looked at: a
    message would show them.
#}
{% macro checked_input(table_name, origin, text_kinds) -%}
    {%- set text_columns = text_id_columns(table_name, origin, text_kinds) -%}
    {%- set id_names = id_columns(table_name).keys() | select('in', origin['stored_columns']) | list -%}
    {%- set names_erased = names_erased_id(table_name, origin, text_columns) -%}
    {%- set present = [] -%}
    {%- for column_name, column_type in input_tables()[table_name]['columns'].items() if column_name in origin['stored_columns'] -%}
        {%- set stored_name, stored_type = origin['stored_columns'][column_name] -%}
        {%- do present.append((column_name, column_type, 'stored.' ~ adapter.quote(stored_name), stored_type)) -%}
    {%- endfor -%}
    (
        select
            stored_text,
            unreadable_column,
            {%- for column_name in id_names %}
            {{ column_name }}_is_given,
            {{ column_name }}_is_text,
            {%- endfor %}
            {{ rejection_reason(table_name, text_columns=text_columns) }} as rejection_reason

        from (
            select
                {{ typed_columns(table_name, origin, text_columns, 'key') }},
                {%- for column_name, column_type, column, stored_type in present if column_name in id_names %}
                {%- if is_text_type(stored_type) %}
                trim(cast({{ column }} as string)) <> '' as {{ column_name }}_is_given,
                trim(cast({{ column }} as string)) <> '' and {{ parsed_value(column, 'int64', stored_type) }} is null as {{ column_name }}_is_text,
                {%- else %}
                {{ column }} is not null as {{ column_name }}_is_given,
                false as {{ column_name }}_is_text,
                {%- endif %}
                {%- endfor %}
                case
                    when false then ''
                    {%- for column_name, column_type, column, stored_type in present
                        if column_name not in text_columns or not is_text_type(stored_type) %}
                    when trim(cast({{ column }} as string)) <> ''
                        and {{ parsed_value(column, column_type, stored_type) }} is null then '{{ column_name }}'
                    {%- endfor %}
                end as unreadable_column,
                {% if values_are_hidden() %}'values are hidden'{% else %}concat(
                    {%- for column_name, column_type, column, stored_type in present %}
                    '{{ column_name }}=', coalesce(cast({{ column }} as string), 'null'){{ ", ', '," if not loop.last }}
                    {%- endfor %}
                    {%- if origin['files'] | length > 1 %},
                    ' in ', stored.simclusters_file
                    {%- endif %}
                ){% endif %} as stored_text

            from {{ origin['relation'] }} as stored

            {{ recent_rows_filter(table_name, origin) }}
            {{- ('and not ' if recent_rows_filter(table_name, origin) else 'where not ') ~ names_erased if names_erased }}
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
    {% if values_are_hidden() %}
        {{ return('') }}
    {% endif %}
    {% set rows = run_query(
        'select ' ~ row_text ~ ' as row_text from ' ~ checked ~ ' as checked_rows where ' ~ condition ~ ' order by row_text limit 5'
    ) %}
    {{ return('\n    ' ~ rows.columns[0].values() | join('\n    ')) }}
{% endmacro %}
