{#
    hook_table: a table that hooks write, with the columns of its yml and the rows of no model. It is made once and never replaced, so it
    outlives every build and a full refresh. The hook at the start of a run makes it as well, because a run may stop before its models.
    The model's select says nothing but the columns, for unit tests and the contract.
#}
{% materialization hook_table, default %}
    {%- call statement('main') -%}
        {{ create_hook_table_sql(this, model.columns) }}
    {%- endcall -%}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}


{% macro create_hook_table_sql(relation, columns) -%}
create table if not exists {{ relation }} (
    {%- for column in columns.values() %}
    {{ column.name }} {{ column.data_type }}{{ ',' if not loop.last }}
    {%- endfor %}
)
{%- endmacro %}
