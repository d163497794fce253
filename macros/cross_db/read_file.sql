{#
    Reads a Parquet or CSV file where it lies. Every CSV column is read as text: guessing types from the first rows turns large ids into
    floats and odd rows into errors. Only DuckDB reads files from a query.
#}
{% macro read_file(path) %}
    {{- return(adapter.dispatch('read_file', 'simclusters')(path)) -}}
{% endmacro %}

{% macro default__read_file(path) %}
    {{ exceptions.raise_compiler_error('input_dir: ' ~ adapter.type() ~ ' does not read files; load them and set input_schema') }}
{% endmacro %}

{% macro duckdb__read_file(path) -%}
    {%- if path.endswith('.parquet') -%}
        read_parquet('{{ path | replace("'", "''") }}')
    {%- else -%}
        read_csv('{{ path | replace("'", "''") }}', header = true, all_varchar = true, delim = ',', quote = '"', escape = '"')
    {%- endif -%}
{%- endmacro %}
