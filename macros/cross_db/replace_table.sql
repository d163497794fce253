{#
    Readers see the old table or the new one, and a failure leaves the old one. It exists because BigQuery replaces a table in one statement
    and has no transaction around table definitions. Elsewhere the new table is built beside the old one, and two renames swap them in a
    transaction, which the caller commits.
#}
{% macro replace_table(target_relation, existing_relation, select_sql) %}
    {{ return(adapter.dispatch('replace_table', 'simclusters')(target_relation, existing_relation, select_sql)) }}
{% endmacro %}

{% macro default__replace_table(target_relation, existing_relation, select_sql) %}
    {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
    {{ drop_relation_if_exists(load_cached_relation(intermediate_relation)) }}

    {%- set backup_relation = none -%}
    {%- if existing_relation is not none -%}
        {%- set backup_relation = make_backup_relation(target_relation, existing_relation.type) -%}
        {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}
    {%- endif -%}

    {%- call statement('main') -%}
        {{ get_create_table_as_sql(False, intermediate_relation, select_sql) }}
    {%- endcall -%}

    {%- if existing_relation is not none -%}
        {{ adapter.rename_relation(existing_relation, backup_relation) }}
    {%- endif -%}
    {{ adapter.rename_relation(intermediate_relation, target_relation) }}

    {{ return(backup_relation) }}
{% endmacro %}

{% macro bigquery__replace_table(target_relation, existing_relation, select_sql) %}
    {#- A view, or a table with other partitions, cannot be replaced in place, and only a full refresh may lose its rows. -#}
    {%- if existing_relation is not none -%}
        {%- set partition_by = adapter.parse_partition_by(config.get('partition_by', none)) -%}
        {%- set is_replaceable = existing_relation.is_table
            and adapter.is_replaceable(existing_relation, partition_by, config.get('cluster_by', none)) -%}
        {%- if not is_replaceable and (should_full_refresh() or not existing_relation.is_table) -%}
            {{ adapter.drop_relation(existing_relation) }}
        {%- endif -%}
    {%- endif -%}

    {%- call statement('main') -%}
        {{ get_create_table_as_sql(False, target_relation, select_sql) }}
    {%- endcall -%}

    {{ return(none) }}
{% endmacro %}
