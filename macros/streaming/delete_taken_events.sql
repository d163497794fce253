{#
    Statement that takes out of the inbox what the stream does not need any more: events that are not later than the last one of their pair,
    those that came too late for the live window, and other kinds of events.
#}
{% macro delete_taken_events(pairs, counts_every_fav, live_millis) %}
{%- set millis = unix_millis('inbox.engaged_at') -%}
delete from {{ ref('int_stream_inbox') }} as inbox

where inbox.engagement_type not in ('fav'{{ '' if counts_every_fav else ", 'unfav'" }})
    or {{ millis }} <= (select {{ event_millis('coalesce(max(last_event), 0)') }} - {{ live_millis }} from {{ pairs }})
    or exists (
        select pairs.user_id

        from {{ pairs }} as pairs

        where pairs.user_id = inbox.user_id
            and pairs.tweet_id = inbox.tweet_id
            and pairs.fav_key = {{ millis if counts_every_fav else '0' }}
            and pairs.last_event >= {{ event_number(millis, "inbox.engagement_type = 'fav'") }}
    )
{% endmacro %}
