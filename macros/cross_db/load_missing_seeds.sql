{#
    It exists because `dbt run` builds no seeds, and a fresh database has none. Their files are read where they lie, each in one statement or
    job, so a killed run leaves no half seed. A seed that is there is left alone.
#}
{% macro load_missing_seeds() %}
    {%- if execute and flags.WHICH == 'run' and is_selected() -%}
        {%- for seed in graph.nodes.values() if seed.resource_type == 'seed' and seed.package_name == 'simclusters' -%}
            {%- set relation = api.Relation.create(database=seed.database, schema=seed.schema, identifier=seed.alias, type='table') -%}
            {%- if load_relation(relation) is none -%}
                {%- do adapter.create_schema(relation) -%}
                {%- do load_seed_file(relation, seed.root_path ~ '/' ~ seed.original_file_path, seed.config.column_types) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}


{% macro load_seed_file(relation, path, column_types) %}
    {{ return(adapter.dispatch('load_seed_file', 'simclusters')(relation, path, column_types)) }}
{% endmacro %}

{% macro default__load_seed_file(relation, path, column_types) %}
    {{ exceptions.raise_compiler_error('load_seed_file has no variant for ' ~ adapter.type() ~ '; run dbt seed first') }}
{% endmacro %}

{% macro duckdb__load_seed_file(relation, path, column_types) %}
    {%- set columns = [] -%}
    {%- for name, type in column_types.items() -%}
        {%- do columns.append("'" ~ name ~ "': '" ~ type ~ "'") -%}
    {%- endfor -%}
    {%- do run_query(
        'create table ' ~ relation ~ ' as select * from read_csv(' ~ quoted_text(as_pattern(path)) ~ ', header = true, columns = {' ~ columns | join(', ') ~ '})'
    ) -%}
{% endmacro %}

{# The job that dbt sends for a seed. Of the table that dbt has read for it, the adapter asks the path, and names and types of columns. #}
{% macro bigquery__load_seed_file(relation, path, column_types) %}
    {%- set file = namespace(original_abspath=path, column_names=column_types.keys() | list, column_types=column_types.values() | list) -%}
    {%- do adapter.load_dataframe(relation.database, relation.schema, relation.identifier, file, column_types, ',') -%}
{% endmacro %}
