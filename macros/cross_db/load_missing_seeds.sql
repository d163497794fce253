{#
    It exists because `dbt run` builds no seeds, and a fresh database has none. DuckDB reads the CSV files where they lie. Other adapters
    cannot, so there `dbt seed` or `dbt build` comes first. A seed that is there is left alone.
#}
{% macro load_missing_seeds() %}
    {%- if execute and flags.WHICH == 'run' and is_selected() -%}
        {{ return(adapter.dispatch('load_missing_seeds', 'simclusters')()) }}
    {%- endif -%}
{% endmacro %}

{% macro default__load_missing_seeds() %}
{% endmacro %}

{% macro duckdb__load_missing_seeds() %}
    {%- for seed in graph.nodes.values() if seed.resource_type == 'seed' and seed.package_name == 'simclusters' -%}
        {%- set relation = api.Relation.create(database=seed.database, schema=seed.schema, identifier=seed.alias) -%}
        {%- if load_relation(relation) is none -%}
            {%- do adapter.create_schema(relation) -%}
            {%- set columns = [] -%}
            {%- for name, type in seed.config.column_types.items() -%}
                {%- do columns.append("'" ~ name ~ "': '" ~ type ~ "'") -%}
            {%- endfor -%}
            {%- do run_query(
                'create table ' ~ seed.relation_name ~ " as select * from read_csv('" ~ (seed.root_path ~ '/' ~ seed.original_file_path) | replace("'", "''")
                ~ "', header = true, columns = {" ~ columns | join(', ') ~ '})'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}
