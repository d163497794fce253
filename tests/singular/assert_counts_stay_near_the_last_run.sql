{{ config(severity = 'warn') }}

{# Small counts jump by chance, so one of the two must be large enough. #}

with

thresholds as (select count_factor, minimum_count from {{ ref('warning_thresholds') }}),

counts as (
    select
        as_of,
        metric_name,
        metric_value,
        lag(metric_value) over (partition by metric_name order by as_of) as previous_value,
        row_number() over (partition by metric_name order by as_of desc) as run_rank

    from {{ ref('run_report') }}

    where metric_kind = 'count'
        and model_version = {{ quoted_text(var('model_version')) }}
),

jumps as (
    select counts.as_of, counts.metric_name, counts.previous_value, counts.metric_value

    from counts

    cross join thresholds

    where counts.run_rank = 1
        and greatest(counts.metric_value, counts.previous_value) >= thresholds.minimum_count
        and (
            counts.metric_value > counts.previous_value * thresholds.count_factor
            or counts.metric_value < counts.previous_value / thresholds.count_factor
        )
)

select * from jumps
