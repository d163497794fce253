{#
    It exists because dbt hides which vars dbt_project.yml sets, and only DuckDB reads files of the machine that runs dbt. Elsewhere the names
    of the command line are all there is to check.
#}
{% macro project_file_text() %}
    {{ return(adapter.dispatch('project_file_text', 'simclusters')() if execute else '') }}
{% endmacro %}

{% macro default__project_file_text() %}
    {{ return('') }}
{% endmacro %}

{% macro duckdb__project_file_text() %}
    {% set path = (invocation_args_dict.project_dir or '.') ~ '/dbt_project.yml' %}
    {% set found = run_query('select content from read_text(' ~ quoted_text(path) ~ ')') %}
    {{ return(found.rows[0][0] if found.rows else '') }}
{% endmacro %}
