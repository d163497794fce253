{#
    It exists because BigQuery does that in one merge, which reads only the partitions that its constants name. With
    `require_partition_filter` it must name some. DuckDB deletes and inserts in a transaction, which the caller commits.
#}
{% macro replace_versions(target_relation, new_rows, column_names, versions) %}
    {%- set alternatives = [] -%}
    {%- for version in versions -%}
        {%- set conditions = [] -%}
        {%- for column_name, constant in version.items() -%}
            {%- do conditions.append('kept_rows.' ~ column_name ~ ' = ' ~ constant) -%}
        {%- endfor -%}
        {%- do alternatives.append('(' ~ conditions | join(' and ') ~ ')') -%}
    {%- endfor -%}
    {%- set is_replaced = alternatives | join(' or ') or 'false' -%}

    {%- call statement('main') -%}
        {{ adapter.dispatch('replace_versions_sql', 'simclusters')(target_relation, new_rows, column_names, is_replaced) }}
    {%- endcall -%}
{% endmacro %}

{% macro default__replace_versions_sql(target_relation, new_rows, column_names, is_replaced) %}
delete from {{ target_relation }} as kept_rows
where {{ is_replaced }};

insert into {{ target_relation }} ({{ column_names | join(', ') }})
select {{ column_names | join(', ') }} from {{ new_rows }}
{% endmacro %}

{% macro bigquery__replace_versions_sql(target_relation, new_rows, column_names, is_replaced) %}
{%- if is_replaced == 'false' %}
insert into {{ target_relation }} ({{ column_names | join(', ') }})
select {{ column_names | join(', ') }} from {{ new_rows }}
{%- else %}
merge into {{ target_relation }} as kept_rows
using {{ new_rows }} as new_rows
on false
when not matched by source and ({{ is_replaced }}) then delete
when not matched by target then insert ({{ column_names | join(', ') }}) values ({{ column_names | join(', ') }})
{%- endif %}
{% endmacro %}
