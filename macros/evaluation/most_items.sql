{% macro most_items(table_name, item_name=none) -%}
    (
        select items_per_group
        from {{ ref('table_limits') }} where table_name = '{{ table_name }}'{{ " and item_name = '" ~ item_name ~ "'" if item_name }}
    )
{%- endmacro %}
