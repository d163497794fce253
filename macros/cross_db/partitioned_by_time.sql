{#
    Value of `partition_by` for a table that keeps the rows of many runs or buckets: a partition per day (or hour) of a timestamp column.
    It exists because BigQuery wants a dictionary there, which the DuckDB adapter refuses; DuckDB has no partitions, so there it is none.
    Not for the column an expiration counts from: partitions of event times would expire by the clock, and with them data of last year.
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
