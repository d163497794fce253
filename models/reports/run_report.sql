{# Each run writes its own rows, because today's tables cannot give yesterday's numbers. #}
with

as_of as (select as_of from {{ ref('stg_as_of') }}),

metrics as (
    select
        'count' as metric_kind,
        metric_name,
        metric_value

    from {{ ref('int_run_counts') }}

    union all

    select metric_kind, metric_name, metric_value

    from {{ ref('int_run_quality') }}
),

run_metrics as (
    select
        {{ quoted_text(var('model_version')) }} as model_version,
        as_of.as_of,
        metrics.metric_kind,
        metrics.metric_name,
        metrics.metric_value

    from metrics

    cross join as_of
)

select * from run_metrics
