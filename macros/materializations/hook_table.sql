{#
    hook_table: a table that hooks write, with the columns of its yml and the rows of no model. It is made once and never replaced, so it
    outlives every build and a full refresh. The hook at the start of a run makes it as well, because a run may stop before its models.
    The model's select reads the table itself, so that `dbt show` shows its rows.
#}
{% materialization hook_table, default %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- call statement('main') -%}
        {{ create_hook_table_sql(this, model.columns) }}
    {%- endcall -%}

    {{ return(finish_table(this.incorporate(type='table'), load_cached_relation(this), none, post_hooks)) }}
{% endmaterialization %}


{% macro create_hook_table_sql(relation, columns) -%}
create table if not exists {{ relation }} as

select
    {%- for column in columns.values() %}
    cast(null as {{ column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
    {%- endfor %}

from (select 1 as no_row) as no_rows

where false
{%- endmacro %}
