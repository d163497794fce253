{% set percents = [1, 10, 50, 90, 99] %}
{# Table: name of the metric -> column. #}
{% set metrics = {
    'cluster_quality': {
        'producer_count': 'producer_count',
        'unweighted_recall': 'unweighted_recall',
        'weighted_recall': 'weighted_recall',
        'relative_precision': 'relative_precision',
        'weight_score_correlation': 'weight_score_correlation',
    },
    'bipartite_cluster_quality': {
        'consumer_count': 'consumer_count',
        'follow_recall_of_incoming': 'follow_recall_of_incoming',
        'follow_recall_of_outgoing': 'follow_recall_of_outgoing',
        'fav_recall_of_incoming': 'fav_recall_of_incoming',
        'fav_recall_of_outgoing': 'fav_recall_of_outgoing',
        'weighted_follow_recall_of_incoming': 'weighted_follow_recall_of_incoming',
        'weighted_follow_recall_of_outgoing': 'weighted_follow_recall_of_outgoing',
        'weighted_fav_recall_of_incoming': 'weighted_fav_recall_of_incoming',
        'weighted_fav_recall_of_outgoing': 'weighted_fav_recall_of_outgoing',
        'follow_correlation': 'follow_correlation',
        'fav_correlation': 'fav_correlation',
        'bipartite_relative_precision': 'relative_precision',
    },
} %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),
thresholds as (select minimum_producers from {{ ref('warning_thresholds') }}),

{# Communities of one or two members come and go. The original compares those with ten in either run. #}
stability as (
    select stability.cluster_id, stability.member_cosine_similarity, stability.score_cosine_similarity

    from {{ ref('known_for_stability') }} as stability

    inner join as_of on stability.as_of = as_of.as_of

    where greatest(stability.producer_count, stability.previous_producer_count) >= (select thresholds.minimum_producers from thresholds)
),

cluster_metrics as (
    {% for model_name, columns in metrics.items() %}
        {% for metric_name, column_name in columns.items() %}
            select
                '{{ metric_name }}' as metric_name,
                cast({{ column_name }} as float64) as metric_value

            from {{ ref(model_name) }}

            union all

        {% endfor %}
    {% endfor %}
    select
        'member_cosine_similarity' as metric_name,
        member_cosine_similarity as metric_value

    from stability

    union all

    select
        'score_cosine_similarity' as metric_name,
        score_cosine_similarity as metric_value

    from stability

    where score_cosine_similarity is not null
),

ordered_metrics as (
    select
        metric_name,
        metric_value,
        row_number() over (partition by metric_name order by metric_value) - 1 as value_position,
        count(*) over (partition by metric_name) as cluster_count

    from cluster_metrics
),

distributions as (
    select
        metric_name,
        count(*) as cluster_count,
        cast(sum(case when metric_value = 0 then 1 else 0 end) as int64) as zero_cluster_count,
        avg(metric_value) as mean_value,
        {{ population_deviation('metric_value') }} as value_deviation,
        min(metric_value) as minimum_value,
        {%- for percent in percents %}
            {{ percentile_value('metric_value', 'value_position', 'cluster_count', percent) }} as percentile_{{ percent }}_value,
        {%- endfor %}
        max(metric_value) as maximum_value

    from ordered_metrics

    group by metric_name
)

select * from distributions
