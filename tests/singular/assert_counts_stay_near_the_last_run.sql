{{ config(severity = 'warn') }}

{# Small counts jump by chance, so one of the two must be large enough. #}

with

thresholds as (select count_factor, minimum_count from {{ ref('warning_thresholds') }}),

{{ counts_of_runs() }},

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
