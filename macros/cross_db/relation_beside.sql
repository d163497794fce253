{#
    Where the new rows of a table are written: beside the old ones. So readers see the old table or the new one, and a failure leaves the old one.
    It exists because BigQuery replaces a table in one statement and has no transaction around table definitions. There it is the table itself.
#}
{% macro relation_beside(target_relation, existing_relation) %}
    {{ return(adapter.dispatch('relation_beside', 'simclusters')(target_relation, existing_relation)) }}
{% endmacro %}

{% macro default__relation_beside(target_relation, existing_relation) %}
    {%- set new_relation = make_intermediate_relation(target_relation) -%}
    {{ drop_relation_if_exists(load_cached_relation(new_relation)) }}
    {{ return(new_relation) }}
{% endmacro %}

{% macro bigquery__relation_beside(target_relation, existing_relation) %}
    {#- A view, or a table with other partitions, cannot be replaced in place, and only a full refresh may lose its rows. -#}
    {%- if existing_relation is not none -%}
        {%- set partition_by = adapter.parse_partition_by(config.get('partition_by', none)) -%}
        {%- set is_replaceable = existing_relation.is_table
            and adapter.is_replaceable(existing_relation, partition_by, config.get('cluster_by', none)) -%}
        {%- if not is_replaceable and (should_full_refresh() or not existing_relation.is_table) -%}
            {{ adapter.drop_relation(existing_relation) }}
        {%- endif -%}
    {%- endif -%}
    {{ return(target_relation) }}
{% endmacro %}
