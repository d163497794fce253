{#
    The newest event alone must not end the window. One wrong clock would empty every table that reads the last hours. Events are counted
    by day, in one pass. The usual number per day is that of the days between the median event and the last twentieth, which stragglers
    cannot move. Before a lone day there is an empty stretch of time. Usually it would have held 200 times the events of the day, or of all
    days from it on. No more than a twentieth of the events may stand apart, so of fewer than 20 all are believed.
#}
{% macro end_of_window(events, event_time) -%}
    with

    days as (
        select
            cast({{ event_time }} as date) as event_date,
            count(*) as event_count,
            min({{ unix_millis(event_time) }}) as first_millis,
            max({{ unix_millis(event_time) }}) as last_millis,
            max({{ event_time }}) as last_event_at

        from {{ events }} as events

        where {{ is_plausible_time(event_time) }}

        group by cast({{ event_time }} as date)
    ),

    counted_days as (
        select
            event_date,
            event_count,
            first_millis,
            last_millis,
            last_event_at,
            first_millis - lag(last_millis) over (order by event_date) as empty_millis,
            sum(event_count) over (order by event_date) as events_until,
            sum(event_count) over () as all_events

        from days
    ),

    {# At least a day, because all events may have one time. #}
    usual_days as (
        select sum(event_count) / greatest(max(last_millis) - min(first_millis), 86400000) as events_per_millisecond

        from counted_days

        where events_until >= 0.5 * all_events
            and events_until - event_count < 0.95 * all_events
    ),

    judged_days as (
        select
            counted_days.event_date,
            counted_days.last_event_at,
            counted_days.empty_millis * usual_days.events_per_millisecond > 200 * counted_days.event_count as is_lone_day,
            counted_days.empty_millis * usual_days.events_per_millisecond
                > 200 * (counted_days.all_events - counted_days.events_until + counted_days.event_count) as starts_lone_days,
            counted_days.all_events - counted_days.events_until + counted_days.event_count
                <= 0.05 * counted_days.all_events as may_stand_apart

        from counted_days

        cross join usual_days
    ),

    lone_days as (select min(event_date) as first_date from judged_days where starts_lone_days and may_stand_apart)

    select max(judged_days.last_event_at) as window_ends_at

    from judged_days

    cross join lone_days

    where (judged_days.event_date < lone_days.first_date or lone_days.first_date is null)
        and not (coalesce(judged_days.is_lone_day, false) and judged_days.may_stand_apart)
{%- endmacro %}


{# DuckDB has infinite times and years beyond 9999. Arithmetic on them overflows, and no event has them. #}
{% macro is_plausible_time(column) -%}
    {{ column }} >= cast('1970-01-01 00:00:00' as timestamp) and {{ column }} < cast('2100-01-01 00:00:00' as timestamp)
{%- endmacro %}
