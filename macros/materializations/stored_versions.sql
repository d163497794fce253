{# Constants, because BigQuery skips partitions by those only. #}
{% macro stored_versions(relation, version_columns) %}
    {%- set versions_sql -%}
    select distinct
        {%- for column_name in version_columns %}
        cast({{ column_name }} as string) as {{ column_name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ relation }}
    {%- endset -%}
    {%- set versions = [] -%}
    {%- for row in run_query(versions_sql).rows -%}
        {%- set version = {} -%}
        {%- for column_name in version_columns -%}
            {%- do version.update({column_name: 'cast(' ~ quoted_text(row[loop.index0]) ~ ' as ' ~ model.columns[column_name].data_type ~ ')'}) -%}
        {%- endfor -%}
        {%- do versions.append(version) -%}
    {%- endfor -%}
    {{ return(versions) }}
{% endmacro %}
