{{ config(materialized = 'view') }}

with

run_report as (select model_version, as_of, metric_kind, metric_name, metric_value from {{ ref('run_report') }}),
newest_runs as (select model_version, max(as_of) as as_of from run_report group by model_version),

newest_metrics as (
    select run_report.model_version, run_report.as_of, run_report.metric_kind, run_report.metric_name, run_report.metric_value

    from run_report

    inner join newest_runs
        on run_report.model_version = newest_runs.model_version
            and run_report.as_of = newest_runs.as_of
),

comparison as (
    select
        this.model_version,
        other.model_version as other_model_version,
        this.metric_kind,
        this.metric_name,
        this.as_of,
        other.as_of as other_as_of,
        this.metric_value,
        other.metric_value as other_metric_value,
        other.metric_value - this.metric_value as metric_difference

    from newest_metrics as this

    inner join newest_metrics as other
        on this.metric_name = other.metric_name
            and this.model_version <> other.model_version
)

select * from comparison
