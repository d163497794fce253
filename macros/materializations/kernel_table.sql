{#
    kernel_table: a table that a compiled kernel finds, by the function `model` of `simclusters.steps.<name of the model>`. dbt calls it as it calls
    a Python model. Because the model itself is SQL, the table has one name, one contract and one description, whatever the engine.

    In the model:
        {{ config(materialized = 'kernel_table' if runs_kernel('products') else 'table') }}
        {{ read_by_kernel('products', ['follows', 'table_limits']) }}

        with ... the same rows by SQL

    The function may ask for what is listed there or read by the SQL, and for the model's `meta`. Constraints `not_null` hold, which dbt cannot know; in yml they
    have `warn_unsupported: false`. A failed or killed run leaves the old table.

    Where meta has `version_columns`, rows of earlier runs stay, as in a versioned_table. The function then finds in its meta `has_history`:
    whether there are such rows, in `dbt.this`. A full refresh drops them.
#}
{% materialization kernel_table, default %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set version_columns = config.meta_get('version_columns') -%}
    {%- set has_history = version_columns is not none and existing_relation is not none and existing_relation.is_table and not should_full_refresh() -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set new_relation = default__relation_beside(target_relation) if has_history else relation_beside(target_relation, existing_relation) -%}
    {#- dbt lets only a materialization itself call Python. -#}
    {%- call statement('main', language='python') -%}
        {{ create_table_as(False, new_relation, kernel_code(has_history), 'python') }}
    {%- endcall -%}
    {%- if config.get('contract').enforced -%}
        {%- do check_contract(new_relation) -%}
    {%- endif -%}
    {%- set backup_relation = none -%}
    {%- if has_history -%}
        {%- do replace_versions(target_relation, new_relation, model.columns.keys() | list, stored_versions(new_relation, version_columns)) -%}
        {%- do adapter.drop_relation(new_relation) -%}
    {%- else -%}
        {%- set backup_relation = put_in_place(new_relation, target_relation, existing_relation) -%}
    {%- endif -%}

    {{ return(finish_table(target_relation, existing_relation, backup_relation, post_hooks)) }}

{% endmaterialization %}


{% macro runs_kernel(step) %}
    {{- return(engine_of(step) == 'kernel' and model.resource_type != 'unit_test') -}}
{% endmacro %}


{% macro read_by_kernel(step, names) %}
    {%- if runs_kernel(step) -%}
        {%- for name in names %}
-- depends_on: {{ ref(name) }}
        {%- endfor %}
    {%- endif -%}
{% endmacro %}


{# A ref of it would be an error where the kernel does without, because the model is disabled there. #}
{% macro sql_alone(step, name) %}
    {{- return(name if runs_kernel(step) else ref(name)) -}}
{% endmacro %}


{# dbt looks in the text of a Python model for what it asks of its `meta`. Here the text is an import, so the kernel gets all of it. #}
{% macro kernel_code(has_history) -%}
from simclusters.steps.{{ model.name }} import model

{{ py_script_postfix(model) }}
meta_dict = {{ dict(model.config.meta, has_history=has_history) }}
{%- endmacro %}


{# A column of another name or type stops the run, and a null where the contract has none, before the table is replaced. #}
{% macro check_contract(relation) %}
    {%- do get_assert_columns_equivalent('select * from ' ~ relation) -%}
    {%- set nulls = [] -%}
    {%- for column in model.columns.values() -%}
        {%- for constraint in column.constraints if constraint.type == 'not_null' -%}
            {%- do nulls.append(column.name ~ ' is null') -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if nulls and run_query('select 1 as one from ' ~ relation ~ ' where ' ~ nulls | join(' or ') ~ ' limit 1') | length > 0 -%}
        {{ exceptions.raise_compiler_error(model.name ~ ': the kernel found a row with ' ~ nulls | join(' or ')) }}
    {%- endif -%}
{% endmacro %}
