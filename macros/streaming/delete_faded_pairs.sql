{# Statement that deletes the pairs of buckets that are older than the live window. #}
{% macro delete_faded_pairs(pairs, bucket_minutes, window_hours) %}
delete from {{ pairs }}

where {{ bucket_end_millis('last_event', bucket_minutes * 60000) }} <= (
    select greatest(max({{ event_millis('newest_pair.last_event') }}), max({{ unix_millis('batch_end.as_of') }})) - {{ window_hours * 3600000 }}

    from {{ ref('stg_as_of') }} as batch_end

    cross join (select coalesce(max(last_event), 0) as last_event from {{ pairs }}) as newest_pair
)
{% endmacro %}
