{#
    It exists because the adapters' own create_table_as applies the model's contract and partitions, and cannot replace on DuckDB. On
    BigQuery the table also expires by itself, in case the run is killed before it drops it.
#}
{% macro create_scratch_table_as(scratch_table, select_sql) %}
    {%- do run_query(adapter.dispatch('create_scratch_table_sql', 'simclusters')(scratch_table, select_sql)) -%}
{% endmacro %}

{% macro default__create_scratch_table_sql(scratch_table, select_sql) %}
create or replace table {{ scratch_table }} as

{{ select_sql }}
{% endmacro %}

{% macro duckdb__create_scratch_table_sql(scratch_table, select_sql) %}
create or replace temporary table {{ scratch_table }} as

{{ select_sql }}
{% endmacro %}

{% macro bigquery__create_scratch_table_sql(scratch_table, select_sql) %}
create or replace table {{ scratch_table }}
options (expiration_timestamp = timestamp_add(current_timestamp(), interval 12 hour)) as

{{ select_sql }}
{% endmacro %}
