{{ config(severity = 'warn') }}

{% set count_factor = var('warn_count_factor') %}

with

metrics as (

    select
        as_of,
        metric_name,
        metric_value,
        lag(metric_value) over (partition by metric_name order by as_of) as previous_value,
        row_number() over (partition by metric_name order by as_of desc) as run_rank

    from {{ ref('run_report') }}

),

jumps as (

    select
        as_of,
        metric_name,
        previous_value,
        metric_value

    from metrics

    where run_rank = 1
        and previous_value is not null
        and (metric_value > previous_value * {{ count_factor }} or metric_value < previous_value / {{ count_factor }})

)

select * from jumps
