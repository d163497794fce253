{#
    It exists because BigQuery only merges what a Python model returns. Rows that the run no longer makes would stay, and old ones must not
    match many new ones. DuckDB's delete+insert replaces the rows of an as_of by itself. A failed job on BigQuery leaves no rows of this
    as_of until the next try. Rows of other runs are not touched.
#}
{% macro clear_run_before_merge() %}
    {{ return(adapter.dispatch('clear_run_before_merge', 'simclusters')()) }}
{% endmacro %}

{% macro default__clear_run_before_merge() %}
    {{ return('') }}
{% endmacro %}

{% macro bigquery__clear_run_before_merge() %}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where as_of = (select as_of from {{ ref('stg_as_of') }})
    {%- endif -%}
{% endmacro %}
