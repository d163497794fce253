{{ config(severity = 'warn') }}

{# Small counts jump by chance, so one of the two must be large enough. #}
{% set count_factor = var('warn_count_factor') %}

with

counts as (

    select
        as_of,
        metric_name,
        metric_value,
        lag(metric_value) over (partition by metric_name order by as_of) as previous_value,
        row_number() over (partition by metric_name order by as_of desc) as run_rank

    from {{ ref('run_report') }}

    where metric_kind = 'count'
        and model_version = '{{ var('model_version') }}'

),

jumps as (

    select
        as_of,
        metric_name,
        previous_value,
        metric_value

    from counts

    where run_rank = 1
        and greatest(metric_value, previous_value) >= {{ var('warn_minimum_count') }}
        and (metric_value > previous_value * {{ count_factor }} or metric_value < previous_value / {{ count_factor }})

)

select * from jumps
