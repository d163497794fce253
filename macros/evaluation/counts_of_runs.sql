{# A CTE `counts`: each count of each run of this model version, with that of the run before; the newest run has rank 1. #}
{% macro counts_of_runs() %}
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
)
{%- endmacro %}
