{#
    Killed runs leave tables that a model was being built in, and so does every run of an incremental Python model. It exists because only
    DuckDB, with one process at a time, can tell that nobody is at work on them. On BigQuery scratch tables expire by themselves.
#}
{% macro clear_leftovers() %}
    {{ return(adapter.dispatch('clear_leftovers', 'simclusters')()) }}
{% endmacro %}

{% macro default__clear_leftovers() %}
{% endmacro %}

{% macro duckdb__clear_leftovers() %}
    {%- set leftovers_sql -%}
select database_name, schema_name, table_name, kind

from (
    select database_name, schema_name, table_name, 'table' as kind from duckdb_tables() where not temporary
    union all
    select database_name, schema_name, view_name, 'view' from duckdb_views() where not internal and not temporary
) as relations

where regexp_full_match(table_name, '.*__dbt_(tmp|backup).*')

order by all
    {%- endset -%}
    {%- set leftovers, ours = run_query(leftovers_sql).rows, [] -%}
    {%- for node in graph.nodes.values() if leftovers and node.resource_type == 'model' and node.package_name == 'simclusters' -%}
        {%- do ours.append((node.database, node.schema, node.alias)) -%}
    {%- endfor -%}
    {%- for database, schema, identifier, type in leftovers if (database, schema, identifier.split('__dbt_')[0]) in ours -%}
        {%- do adapter.drop_relation(api.Relation.create(database=database, schema=schema, identifier=identifier, type=type)) -%}
    {%- endfor -%}
{% endmacro %}
