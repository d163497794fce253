{% macro delete_faded_pairs(pairs, bucket_minutes, window_hours) %}
delete from {{ pairs }}

where {{ bucket_end_millis('last_event', stream_millis(minutes=bucket_minutes)) }} <= (
    select greatest(max({{ event_millis('newest_pair.last_event') }}), max({{ unix_millis('batch_end.as_of') }})) - {{ stream_millis(window_hours) }}

    from {{ ref('stg_as_of') }} as batch_end

    cross join (select coalesce(max(last_event), 0) as last_event from {{ pairs }}) as newest_pair
)
{% endmacro %}


{#
    These are events not later than the last of their pair, events too late for the live window, and events of other kinds. Events that wait
    for their time stay, and bad rows, so that stream_problems shows them. Events of somebody who was erased go.
#}
{% macro delete_taken_events(pairs, counts_every_fav, live_millis) %}
{%- set millis = unix_millis('inbox.engaged_at') -%}
delete from {{ ref('int_stream_inbox') }} as inbox

where {{ event_names_erased_id('inbox') }}
    or ({{ rejection_reason('engagements') }}) is null
    and (
        inbox.engagement_type not in ('fav'{{ '' if counts_every_fav else ", 'unfav'" }})
        or {{ millis }} <= (select {{ event_millis('coalesce(max(last_event), 0)') }} - {{ live_millis }} from {{ pairs }})
        or exists (
            select pairs.user_id

            from {{ pairs }} as pairs

            where pairs.user_id = inbox.user_id
                and pairs.tweet_id = inbox.tweet_id
                and pairs.fav_key = {{ millis if counts_every_fav else '0' }}
                and pairs.last_event >= {{ event_number(millis, "inbox.engagement_type = 'fav'") }}
        )
    )
{% endmacro %}


{% macro delete_faded_partials(partials, window_hours) %}
delete from {{ partials }}

where bucket_at <= (
    select {{ timestamp_from_millis(unix_millis('as_of') ~ ' - ' ~ stream_millis(window_hours)) }}

    from {{ ref('int_stream_clock') }}
)
{% endmacro %}


{% macro mark_pairs_as_folded() %}
update {{ ref('int_stream_pairs') }} set folded_event = last_event where folded_event is distinct from last_event
{% endmacro %}


{# What a loader has left of other inputs is no part of these. #}
{% macro forget_events_of_other_inputs() %}
    {%- if execute and load_cached_relation(this) is not none and starts_afresh() -%}
        delete from {{ this }} where true
    {%- endif -%}
{% endmacro %}


{# Its events were in the pairs that a full refresh drops. #}
{% macro forget_read_files() %}
    {%- set files = ref('int_stream_files') -%}
    {%- if should_full_refresh() -%}
        delete from {{ files }} where true
    {%- endif -%}
{% endmacro %}
