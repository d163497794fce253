{# Each run writes its own rows, because today's tables cannot give yesterday's numbers. #}
{% set summary_columns = [
    'largest_cluster_share', 'unweighted_recall', 'weighted_recall', 'modularity', 'relative_precision', 'weight_score_correlation'
] %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),

metrics as (
    select
        'count' as metric_kind,
        metric_name,
        metric_value

    from {{ ref('int_run_counts') }}

    union all

    {% for column_name in summary_columns %}
        select
            'quality' as metric_kind,
            'overall_{{ column_name }}' as metric_name,
            {{ column_name }} as metric_value

        from {{ ref('cluster_quality_summary') }}

        union all

    {% endfor %}
    select
        case when metric_name like '%_cosine_similarity' then 'stability' else 'quality' end as metric_kind,
        concat('mean_', metric_name) as metric_name,
        mean_value as metric_value

    from {{ ref('cluster_metric_distributions') }}

    union all

    select
        'stability' as metric_kind,
        concat(changes.change_kind, '_producer_share') as metric_name,
        changes.producer_share as metric_value

    from {{ ref('known_for_changes') }} as changes

    inner join as_of on changes.as_of = as_of.as_of

    union all

    select
        'recall' as metric_kind,
        concat(candidate_type, '_', item_kind, '_recall_at_', cast(cutoff as string)) as metric_name,
        recall as metric_value

    from {{ ref('candidate_recall') }}
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
