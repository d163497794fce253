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
    {%- set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | selectattr('package_name', 'equalto', 'simclusters') | list -%}
    {%- set leftovers_sql -%}
select database_name, schema_name, table_name, kind

from (
    select database_name, schema_name, table_name, 'table' as kind from duckdb_tables() where not temporary
    union all
    select database_name, schema_name, view_name, 'view' from duckdb_views() where not internal and not temporary
) as relations

where database_name in ('{{ models | map(attribute='database') | unique | join("', '") }}')
    and schema_name in ('{{ models | map(attribute='schema') | unique | join("', '") }}')
    and regexp_full_match(table_name, '({{ models | map(attribute='alias') | join('|') }})__dbt_(tmp|backup).*')

order by all
    {%- endset -%}
    {%- for database, schema, identifier, type in run_query(leftovers_sql).rows -%}
        {%- do adapter.drop_relation(api.Relation.create(database=database, schema=schema, identifier=identifier, type=type)) -%}
    {%- endfor -%}
{% endmacro %}
