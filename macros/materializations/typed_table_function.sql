{#
    typed_table_function: the model becomes a function with arguments that returns a table, for questions about one user, tweet or pair. Call it
    as `select * from {{ ref('the_model') }}(1, 2)`.

    The name is not `table_function`: the DuckDB adapter has one of that name, without types and contract, and in another project it would win.

    Its `meta.arguments` name the arguments in order, with their types:
        meta:
          arguments: {left_entity_id: int64, right_entity_id: int64}
    The model writes an argument as `{{ table_argument('left_entity_id') }}`. An argument must not have the name of a column that the
    model reads: DuckDB would take the argument, BigQuery the column.

    A contract is enforced by asking the new function for no rows. Generic data tests do not apply, because there is no table to test. Unit
    tests do, with the arguments in the var `table_arguments`.
#}
{% materialization typed_table_function, default %}

    {%- set target_relation = this -%}
    {%- set arguments = config.meta_get('arguments') -%}
    {%- if not arguments -%}
        {{ exceptions.raise_compiler_error(model.name ~ ': meta.arguments names no arguments; without any, a view does.') }}
    {%- endif -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- call statement('main') -%}
        {{ create_table_function_as(target_relation, arguments, sql) }}
    {%- endcall -%}

    {%- if config.get('contract').enforced -%}
        {%- set no_rows_sql -%}
            select * from {{ target_relation }}(
                {%- for data_type in arguments.values() -%}
                    cast(null as {{ data_type }}){{ ', ' if not loop.last }}
                {%- endfor -%}
            )
        {%- endset -%}
        {%- do get_assert_columns_equivalent(no_rows_sql) -%}
    {%- endif -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}

    {{ adapter.commit() }}

    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}

{% endmaterialization %}


{# A unit test runs the model as a plain query and gives the value in the var `table_arguments`. #}
{% macro table_argument(name) -%}
    {{ var('table_arguments', {}).get(name, name) }}
{%- endmacro %}
