{#
    `where` clause that leaves the engagements of the last `engagement_days` before as_of, or nothing when the var is 0. The bound is a
    constant, so a table with a partition per day of engaged_at is read in those partitions only. A value that is not a time stays, for the check.
#}
{% macro recent_rows_filter(table_name, origin) -%}
    {%- if table_name == 'engagements' and var('engagement_days') > 0 and 'engaged_at' in origin['stored_columns'] -%}
        {%- set stored_name, stored_type = origin['stored_columns']['engaged_at'] -%}
        {%- set column = 'stored.' ~ adapter.quote(stored_name) -%}
        {%- set as_of = modules.datetime.datetime.fromisoformat(var('as_of') | string) -%}
        {%- set oldest = as_of - modules.datetime.timedelta(days=var('engagement_days')) -%}
        {%- set engaged_at = parsed_value(column, 'timestamp', stored_type) -%}
        where {{ column if stored_type == 'timestamp' else engaged_at }} >= cast('{{ oldest }}' as timestamp)
        {%- if stored_type != 'timestamp' %}
            or {{ engaged_at }} is null
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
