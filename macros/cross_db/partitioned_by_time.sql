{#
    It exists because BigQuery wants a dictionary, which the DuckDB adapter refuses; DuckDB has no partitions, so it gets none. Do not use it
    for the column that an expiration counts from. The clock would expire partitions of event times, and last year's data with them.
#}
{% macro partitioned_by_time(column, granularity='day') %}
    {{ return(adapter.dispatch('partitioned_by_time', 'simclusters')(column, granularity)) }}
{% endmacro %}

{% macro default__partitioned_by_time(column, granularity) %}
    {{ return(none) }}
{% endmacro %}

{% macro bigquery__partitioned_by_time(column, granularity) %}
    {{ return({'field': column, 'data_type': 'timestamp', 'granularity': granularity}) }}
{% endmacro %}
