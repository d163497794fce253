{% macro replace_table(target_relation, existing_relation, select_sql) %}
    {%- set new_relation = relation_beside(target_relation, existing_relation) -%}
    {%- call statement('main') -%}
        {{ get_create_table_as_sql(False, new_relation, select_sql) }}
    {%- endcall -%}
    {{ return(put_in_place(new_relation, target_relation, existing_relation)) }}
{% endmacro %}


{# Two renames in a transaction, which the caller commits. #}
{% macro put_in_place(new_relation, target_relation, existing_relation) %}
    {%- if new_relation.identifier == target_relation.identifier -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set backup_relation = none -%}
    {%- if existing_relation is not none -%}
        {%- set backup_relation = make_backup_relation(target_relation, existing_relation.type) -%}
        {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}
        {{ adapter.rename_relation(existing_relation, backup_relation) }}
    {%- endif -%}
    {{ adapter.rename_relation(new_relation, target_relation) }}
    {{ return(backup_relation) }}
{% endmacro %}
