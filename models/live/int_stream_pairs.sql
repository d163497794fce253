{{
    config(
        materialized = 'incremental',
        unique_key = ['user_id', 'tweet_id', 'fav_key'],
        on_schema_change = 'fail',
        cluster_by = ['tweet_id', 'user_id'],
        post_hook = ['{{ delete_taken_events(this) }}', '{{ delete_faded_pairs(this) }}']
    )
}}
{#
    What the stream remembers of its events. Only an event later than its pair changes it, so order and repetition do not matter. An event
    leaves the inbox as soon as its pair is at least as late. A full refresh starts from the batch.
#}

{# The bucket that the window starts in counts as a whole. #}
{% set live_millis = (var('stream_window_hours') * 60 + var('stream_bucket_minutes')) * 60000 %}
{% set counts_every_fav = var('stream_counts') == 'every_fav' %}

with

events as (

    select
        user_id,
        tweet_id,
        {{ 'engaged_millis' if counts_every_fav else '0' }} as fav_key,
        engaged_millis * 2 + case when is_fav then 0 else 1 end as last_event

    from {{ ref('int_stream_events') }}
    {% if counts_every_fav %}

    where is_fav
    {% endif %}

),

last_events as (

    select
        user_id,
        tweet_id,
        fav_key,
        max(last_event) as last_event

    from events

    group by user_id, tweet_id, fav_key

),

{% if is_incremental() %}
newest_pair as (

    select coalesce(max(last_event), 0) as last_event

    from {{ this }}

),

later_events as (

    select
        last_events.user_id,
        last_events.tweet_id,
        last_events.fav_key,
        last_events.last_event,
        known_pairs.folded_event

    from last_events

    cross join newest_pair

    left join {{ this }} as known_pairs
        on last_events.user_id = known_pairs.user_id
            and last_events.tweet_id = known_pairs.tweet_id
            and last_events.fav_key = known_pairs.fav_key

    where last_events.last_event > newest_pair.last_event - {{ 2 * live_millis }}
        and last_events.last_event > coalesce(known_pairs.last_event, -1)

)
{% else %}
later_events as (

    select
        user_id,
        tweet_id,
        fav_key,
        last_event,
        cast(null as int64) as folded_event

    from last_events

)
{% endif %}

select * from later_events
