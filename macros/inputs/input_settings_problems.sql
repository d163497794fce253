{# What is wrong with the vars that say where the inputs are and when the window ends, as a list of sentences. #}
{% macro input_settings_problems() %}
    {% set problems = [] %}
    {% set input_dir = var('input_dir') %}
    {% set as_of = var('as_of') | string %}

    {% if input_dir and var('input_schema') %}
        {% do problems.append("vars input_dir ('" ~ input_dir ~ "') and input_schema ('" ~ var('input_schema') ~ "'): both are set; set one") %}
    {% elif input_dir and '://' not in input_dir and not existing_files([input_dir.rstrip('/') ~ '/*']) %}
        {% do problems.append("var input_dir: the folder '" ~ input_dir ~ "' does not exist, or is empty") %}
    {% endif %}

    {# A zone would be dropped without a word where the pipeline casts it. #}
    {% set looks_right = modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?)?$', as_of) %}
    {% if as_of and (not looks_right or run_query('select ' ~ parsed_timestamp("'" ~ as_of ~ "'", 'string')).rows[0][0] is none) %}
        {% do problems.append("var as_of: '" ~ as_of ~ "' is not a time in UTC like 2026-01-31 23:59:59") %}
    {% endif %}

    {% if var('engagement_days') is not integer or var('engagement_days') < 0 %}
        {% do problems.append("var engagement_days: '" ~ var('engagement_days') ~ "' is not a whole number of days from 0") %}
    {% elif var('engagement_days') and not as_of %}
        {% do problems.append('var engagement_days: ' ~ var('engagement_days') ~ ' days before as_of are asked for, and the var as_of is not set') %}
    {% endif %}

    {{ return(problems) }}
{% endmacro %}
