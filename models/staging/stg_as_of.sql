{# A table, because every step asks for this row, and finding the newest engagement reads all of them. #}
{{ config(materialized = 'table') }}

{% set as_of = var('as_of') %}
{#
    Times are days when all have one time of day, but for summer time, and there are enough of them to say so. Counted from noon on, midnight
    is no end of the day.
#}
{% set day_millis, least_spread_millis, least_days = 86400000, 3600000, 30 %}
{% set time_of_day = 'mod(' ~ unix_millis('engaged_at') ~ ', ' ~ day_millis ~ ')' %}
{% set from_noon = 'mod(' ~ unix_millis('engaged_at') ~ ' + ' ~ day_millis // 2 ~ ', ' ~ day_millis ~ ')' %}
{% set days = 'engagement_times.span_millis / ' ~ day_millis ~ '.0' %}

with

engagements as (select engaged_at from {{ ref('stg_engagements') }}),

engagement_times as (
    select
        max(engaged_at) as newest_at,
        coalesce(max({{ unix_millis('engaged_at') }}) - min({{ unix_millis('engaged_at') }}), 0) as span_millis,
        coalesce(
            least(max({{ time_of_day }}) - min({{ time_of_day }}), max({{ from_noon }}) - min({{ from_noon }})), 0
        ) as time_of_day_millis

    from engagements
),

{# With the time in days a recipe's hours say nothing. So its day is stretched over all of them, in steps of two, and changes rarely. #}
end_of_window as (
    select
        coalesce(
            {% if as_of -%}
            cast({{ quoted_text(as_of) }} as timestamp),
            {% endif -%}
            engagement_times.newest_at,
            cast('1970-01-01 00:00:00' as timestamp)
        ) as as_of,
        cast(
            case
                when engagement_times.time_of_day_millis > {{ least_spread_millis }} or {{ days }} < {{ least_days }} then 1.0
                else pow(2, ceil(round(ln({{ days }}) / ln(2), 9)))
            end as float64
        ) as recipe_time_factor

    from engagement_times
)

select * from end_of_window
