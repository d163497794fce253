{# The first post-hook deletes from int_stream_inbox. An event can go only after its pair is stored here. #}
{% set counts_every_fav = var('stream_counts') == 'every_fav' %}
{# The bucket that the window starts in counts as a whole. #}
{% set live_millis = (var('stream_window_hours') * 60 + var('stream_bucket_minutes')) * 60000 %}
{{ config(
    materialized = 'incremental',
    unique_key = ['user_id', 'tweet_id', 'fav_key'],
    on_schema_change = 'fail',
    cluster_by = ['tweet_id', 'user_id'],
    post_hook = [
        "{{ delete_taken_events(this, " ~ counts_every_fav ~ ", " ~ live_millis ~ ") }}",
        "{{ delete_faded_pairs(this, var('stream_bucket_minutes'), var('stream_window_hours')) }}"
    ]
) }}
{#
    What the stream remembers of its events. Only an event later than its pair changes it, so order and repetition do not matter. A full
    refresh starts from the batch.
#}

with

events as (
    select
        user_id, tweet_id, {{ 'engaged_millis' if counts_every_fav else '0' }} as fav_key,
        {{ event_number('engaged_millis', 'is_fav') }} as event_number
    from {{ ref('int_stream_events') }} {{ 'where is_fav' if counts_every_fav }}
),

last_events as (select user_id, tweet_id, fav_key, max(event_number) as last_event from events group by user_id, tweet_id, fav_key),

{% if is_incremental() %}
live_start as (select {{ event_millis('coalesce(max(last_event), 0)') }} - {{ live_millis }} as live_start_millis from {{ this }}),

later_events as (
    select last_events.user_id, last_events.tweet_id, last_events.fav_key, last_events.last_event, known_pairs.folded_event

    from last_events

    cross join live_start

    left join {{ this }} as known_pairs
        on last_events.user_id = known_pairs.user_id
            and last_events.tweet_id = known_pairs.tweet_id
            and last_events.fav_key = known_pairs.fav_key

    where {{ event_millis('last_events.last_event') }} > live_start.live_start_millis
        and last_events.last_event > coalesce(known_pairs.last_event, -1)
)
{% else %}
later_events as (select user_id, tweet_id, fav_key, last_event, cast(null as int64) as folded_event from last_events)
{% endif %}

select * from later_events
