{#
    Rows that one statement of a bucketed_table may group without spilling: its part of DuckDB's `memory_limit`, of which each model that dbt
    builds at the same time has one, over what a row takes. A group of two ids and a count takes about 50 bytes in DuckDB 2.0 (the run in
    one bucket of benchmarks/similarity); five times that leaves room for wider rows, the joined tables and the result.
#}
{% macro rows_in_memory() %}
    {%- set bytes_per_row = 256 -%}
    {%- set memory_limit = run_query("select parse_formatted_bytes(current_setting('memory_limit')) as memory_limit").rows[0][0] -%}
    {{ return([1, (memory_limit | int) // (bytes_per_row * target.threads)] | max) }}
{% endmacro %}
