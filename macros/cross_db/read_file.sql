{# Every CSV column is read as text, because guessed types turn large ids into floats and odd rows into errors. #}
{% macro read_file(path) %}
    {{- return(adapter.dispatch('read_file', 'simclusters')(path)) -}}
{% endmacro %}

{% macro default__read_file(path) %}
    {{ exceptions.raise_compiler_error('input_dir: ' ~ adapter.type() ~ ' does not read files; load them and set input_schema') }}
{% endmacro %}

{#
    A CSV file is opened twice. DuckDB detects the header first; with the names of the columns given, it then reports the line of a broken
    row.
#}
{% macro duckdb__read_file(path) %}
    {% set quoted_path = "'" ~ path | replace("'", "''") ~ "'" %}
    {% if path.endswith('.parquet') %}
        {{ return('read_parquet(' ~ quoted_path ~ ')') }}
    {% endif %}

    {% set dialect = "header = true, delim = ',', quote = '\"', escape = '\"'" %}
    {% set tolerant = "all_varchar = true, skip = 0, comment = '', ignore_errors = true, strict_mode = false" %}
    {% set columns = [] %}
    {% for column in run_query('describe select * from read_csv(' ~ quoted_path ~ ', ' ~ dialect ~ ', ' ~ tolerant ~ ')') %}
        {% do columns.append("'" ~ column[0] | replace("'", "''") ~ "': 'varchar'") %}
    {% endfor %}
    {{ return('read_csv(' ~ quoted_path ~ ', ' ~ dialect ~ ', auto_detect = false, columns = {' ~ columns | join(', ') ~ '})') }}
{% endmacro %}
