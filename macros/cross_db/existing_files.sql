{% macro existing_files(paths) %}
    {{ return(adapter.dispatch('existing_files', 'simclusters')(paths)) }}
{% endmacro %}

{% macro default__existing_files(paths) %}
    {{ exceptions.raise_compiler_error('input_dir: ' ~ adapter.type() ~ ' does not read files; load them and set input_schema') }}
{% endmacro %}

{% macro duckdb__existing_files(paths) %}
    {% set found = [] %}
    {% for path in paths %}
        {% set quoted_path = "'" ~ path | replace("'", "''") ~ "'" %}
        {% if run_query('select file from glob(' ~ quoted_path ~ ') limit 1') | length > 0 %}
            {% set sizes = run_query('select size from read_blob(' ~ quoted_path ~ ') limit 1') %}
            {% do found.append({'path': path, 'size': sizes.rows[0][0]}) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
