{# Statement that deletes the partial sums of buckets that are older than the live window. #}
{% macro delete_faded_partials(partials, window_hours) %}
delete from {{ partials }}

where bucket_at <= (
    select {{ timestamp_from_millis(unix_millis('as_of') ~ ' - ' ~ window_hours * 3600000) }}

    from {{ ref('int_stream_clock') }}
)
{% endmacro %}


{# Statement that marks every pair as known to the partial sums. #}
{% macro mark_pairs_as_folded() %}
update {{ ref('int_stream_pairs') }} set folded_event = last_event where folded_event is distinct from last_event
{% endmacro %}
