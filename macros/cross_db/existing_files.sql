{# Those of the paths that exist, with their size in bytes. Only DuckDB reads files. #}
{% macro existing_files(paths) %}
    {{ return(adapter.dispatch('existing_files', 'simclusters')(paths)) }}
{% endmacro %}

{% macro default__existing_files(paths) %}
    {{ exceptions.raise_compiler_error('input_dir: ' ~ adapter.type() ~ ' does not read files; load them and set input_schema') }}
{% endmacro %}

{% macro duckdb__existing_files(paths) %}
    {% set found = [] %}
    {% for path in paths %}
        {% for row in run_query("select file from glob('" ~ path | replace("'", "''") ~ "')") %}
            {% do found.append(path) %}
        {% endfor %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
