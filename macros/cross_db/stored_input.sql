{# DuckDB calls a table by its name in any case. dbt does not, and asks to delete a table that is written otherwise. #}
{% macro stored_input(declared) %}
    {{ return(adapter.dispatch('stored_input', 'simclusters')(declared)) }}
{% endmacro %}

{% macro default__stored_input(declared) %}
    {{ return(load_relation(declared)) }}
{% endmacro %}

{% macro duckdb__stored_input(declared) %}
    {% set names %}
        select
            table_schema,
            table_name

        from information_schema.tables

        where lower(table_catalog) = lower({{ quoted_text(declared.database) }})
            and lower(table_schema) = lower({{ quoted_text(declared.schema) }})
            and lower(table_name) = lower({{ quoted_text(declared.identifier) }})
    {% endset %}
    {% for schema, name in (run_query(names) if execute else []) %}
        {{ return(load_relation(api.Relation.create(database=declared.database, schema=schema, identifier=name))) }}
    {% endfor %}
    {{ return(none) }}
{% endmacro %}
