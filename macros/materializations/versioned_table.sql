{#
    versioned_table: a table that keeps the rows of earlier runs. A run replaces the rows with its own values in the `version_columns` and
    leaves all others, so the same run twice writes the same rows. The table changes in one step. A column that earlier runs did not have is
    null in their rows, or what the column's meta `in_earlier_rows` says.

        meta: {version_columns: [model_version, as_of]}

    The adapters' incremental strategies differ. DuckDB's delete+insert does this; BigQuery's merge wants unique keys and leaves rows that a
    run no longer makes. `--full-refresh` keeps nothing; a model that must outlive it says `full_refresh: false`, and outlives it while the inputs are the same.

    Cost: the new rows, written twice, and a read of at most the partitions of the same versions. A run with other columns than the table
    has writes the whole table again, once.
#}
{% materialization versioned_table, default %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set has_history = existing_relation is not none and existing_relation.is_table and not starts_afresh() -%}
    {%- set version_columns = config.meta_get('version_columns') -%}
    {%- if not version_columns -%}
        {{ exceptions.raise_compiler_error(model.name ~ ': meta.version_columns names the columns that tell versions apart') }}
    {%- endif -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set column_names = model.columns | join(', ') -%}
    {%- set stored_names = [] -%}
    {%- if has_history -%}
        {%- for stored_column in adapter.get_columns_in_relation(existing_relation) -%}
            {%- do stored_names.append(stored_column.name | lower) -%}
        {%- endfor -%}
        {%- for column_name in version_columns if column_name not in stored_names -%}
            {{ exceptions.raise_compiler_error(existing_relation ~ ' has no column ' ~ column_name ~ ', which tells its runs apart: drop the table') }}
        {%- endfor -%}
    {%- endif -%}
    {%- set has_same_columns = stored_names | sort == model.columns.keys() | map('lower') | sort -%}
    {%- set table_sql -%}
    {%- if has_history %}
    with

    new_rows as (
        {{ sql }}
    ),

    new_versions as (
        select distinct {{ version_columns | join(', ') }}

        from new_rows
    )

    select {{ column_names }}

    from new_rows

    union all

    select
        {%- for column_name, column in model.columns.items() %}
        {% if column_name in stored_names -%}
        kept_rows.{{ column_name }}
        {%- else -%}
        {%- set earlier = (column.config or {}).get('meta', {}).get('in_earlier_rows') %}
        cast({{ quoted_text(earlier) if earlier else 'null' }} as {{ column.data_type }}) as {{ column_name }}
        {%- endif -%}
        {{ ',' if not loop.last }}
        {%- endfor %}

    from {{ this }} as kept_rows

    left join new_versions
        on {% for column_name in version_columns -%}
            kept_rows.{{ column_name }} = new_versions.{{ column_name }}{{ ' and ' if not loop.last }}
        {%- endfor %}

    where new_versions.{{ version_columns[0] }} is null
        {%- for column_name in version_columns %}
        and kept_rows.{{ column_name }} is not null
        {%- endfor %}
    {%- else -%}
    {{ sql }}
    {%- endif -%}
    {%- endset -%}

    {%- set backup_relation = none -%}
    {%- if has_history and has_same_columns -%}
        {%- if config.get('contract').enforced -%}
            {%- do get_assert_columns_equivalent(sql) -%}
        {%- endif -%}
        {%- set new_rows = scratch_relation(target_relation, 'new_rows') -%}
        {%- do create_scratch_table_as(new_rows, sql) -%}
        {%- do replace_versions(
            target_relation, new_rows, model.columns.keys() | list, stored_versions(new_rows, version_columns)
        ) -%}
        {%- do adapter.drop_relation(new_rows) -%}
    {%- else -%}
        {%- set backup_relation = replace_table(target_relation, existing_relation, table_sql) -%}
    {%- endif -%}

    {{ return(finish_table(target_relation, existing_relation, backup_relation, post_hooks)) }}

{% endmaterialization %}
