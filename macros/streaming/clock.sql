{#
    One wrong clock must not move the window, and neither must the order of events. So the clock of the stream is the newest time that
    several users have reached. These are one in a hundred of the users in the live window of the batch, and at least two. More events can
    only move it forward. A real event is seldom long ahead of it; the lead is short beside the window, in case it is wrong.
#}
{% macro believed_times(reached_times, batch_end, lead_millis) -%}
users as (
    select user_id, max(reached_millis) as reached_millis, max(case when is_of_batch then 1 else 0 end) as batch_count
    from {{ reached_times }} group by user_id
),

ranked_users as (
    select
        reached_millis,
        row_number() over (order by reached_millis desc, user_id) as user_rank,
        greatest(2, cast(floor(sum(batch_count) over () / 100.0) as int64)) as needed_users

    from users
),

stream_clock as (
    select coalesce(max(case when user_rank = needed_users then reached_millis end), 0) as reached_millis from ranked_users
),

believed_times as (
    select greatest(batch_end.as_of_millis, stream_clock.reached_millis) + {{ lead_millis }} as believed_until_millis

    from {{ batch_end }} as batch_end

    cross join stream_clock
)
{%- endmacro %}
