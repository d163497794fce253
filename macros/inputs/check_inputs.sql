{#
    Stops `dbt run` and `dbt build` before they replace anything, when an input of the user cannot be used. Reads each table once; says
    everything that is wrong in one message. The sample is the project's own and is not checked. Other commands replace nothing.
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
