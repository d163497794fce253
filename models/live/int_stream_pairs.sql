{# The first post-hook deletes from int_stream_inbox. An event can go only after its pair is stored here. #}
{% set counts_every_fav = var('stream_counts') == 'every_fav' %}
{# The bucket that the window starts in counts as a whole. #}
{% set live_millis = stream_millis(var('stream_window_hours'), var('stream_bucket_minutes')) %}
{{ config(
    materialized = 'incremental',
    unique_key = ['user_id', 'tweet_id', 'fav_key'],
    on_schema_change = 'fail',
    cluster_by = ['tweet_id', 'user_id'],
    pre_hook = "{{ forget_read_files() }}",
    post_hook = [
        "{{ delete_taken_events(this, " ~ counts_every_fav ~ ", " ~ live_millis ~ ") }}",
        "{{ delete_faded_pairs(this, var('stream_bucket_minutes'), var('stream_window_hours')) }}"
    ]
) }}
{#
    What the stream remembers of its events. Only an event later than its pair changes it, so order and repetition do not matter. A full
    refresh starts from the batch, and reads the event files again.
#}
-- depends_on: {{ ref('erased_ids') if model.resource_type != 'unit_test' }}
{% set lead_millis = (stream_millis(var('stream_window_hours')) / 12) | int %}

with

batch_end as (select {{ unix_millis('as_of') }} as as_of_millis from {{ ref('stg_as_of') }}),
events as (
    select events.user_id, events.tweet_id, events.is_fav, events.engaged_millis, events.is_of_batch
    from {{ ref('int_stream_events') }} as events
    where not {{ event_names_erased_id('events') }} {{ 'and events.is_fav' if counts_every_fav }}
),
{%- if is_incremental() %}
known_end as (select {{ event_millis('coalesce(max(last_event), 0)') }} as known_end_millis from {{ this }}),
{%- endif %}

{# The clock never stands more than the lead behind the newest pair, so older pairs do not count for it. #}
reached_times as (
    select user_id, engaged_millis as reached_millis, is_of_batch from events
    {%- if is_incremental() %}
    union all
    select known_pairs.user_id, {{ event_millis('known_pairs.last_event') }} as reached_millis, false as is_of_batch
    from {{ this }} as known_pairs cross join known_end
    where {{ event_millis('known_pairs.last_event') }} >= known_end.known_end_millis - {{ lead_millis }}
    {%- endif %}
),

{{ believed_times('reached_times', 'batch_end', lead_millis) }},

believed_events as (
    select
        events.user_id, events.tweet_id, {{ 'events.engaged_millis' if counts_every_fav else '0' }} as fav_key,
        {{ event_number('events.engaged_millis', 'events.is_fav') }} as event_number
    from events cross join believed_times where events.engaged_millis <= believed_times.believed_until_millis
),

last_events as (
    select user_id, tweet_id, fav_key, max(event_number) as last_event
    from believed_events group by user_id, tweet_id, fav_key
),

{% if is_incremental() %}
    later_events as (
        select last_events.user_id, last_events.tweet_id, last_events.fav_key, last_events.last_event, known_pairs.folded_event

        from last_events

        cross join known_end

        left join {{ this }} as known_pairs
            on last_events.user_id = known_pairs.user_id
                and last_events.tweet_id = known_pairs.tweet_id
                and last_events.fav_key = known_pairs.fav_key

        where {{ event_millis('last_events.last_event') }} > known_end.known_end_millis - {{ live_millis }}
            and last_events.last_event > coalesce(known_pairs.last_event, -1)
    )
{% else %}
    later_events as (select user_id, tweet_id, fav_key, last_event, cast(null as int64) as folded_event from last_events)
{% endif %}

select * from later_events
