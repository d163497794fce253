{# Statement that deletes the pairs of buckets that are older than the live window. #}
{% macro delete_faded_pairs(pairs) %}
{%- set bucket_millis = var('stream_bucket_minutes') * 60000 -%}
{%- set window_millis = var('stream_window_hours') * 3600000 -%}
delete from {{ pairs }}

where last_event - mod(last_event, {{ 2 * bucket_millis }}) + {{ 2 * bucket_millis }} <= (
    select greatest(max(ends.end_event), max(2 * {{ unix_millis('batch_end.as_of') }})) - {{ 2 * window_millis }}

    from {{ ref('stg_as_of') }} as batch_end

    cross join (select coalesce(max(last_event), 0) as end_event from {{ pairs }}) as ends
)
{% endmacro %}
