{#
    Hook before an incremental Python model that keeps rows by as_of: deletes what an earlier try of the same as_of left. What the model
    returns is merged by as_of and producer, so rows that the run no longer makes would stay. DuckDB does both in one transaction. On
    BigQuery a failed job leaves no rows of this as_of until the next try. Rows of other runs are not touched.
#}
{% macro clear_run() %}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where as_of = (select as_of from {{ ref('stg_as_of') }})
    {%- endif -%}
{% endmacro %}
