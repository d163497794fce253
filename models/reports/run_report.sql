{# Each run writes its own rows, because today's tables cannot give yesterday's numbers. #}
{# Name of the metric, table, what is counted of it. #}
{% set counts = [
    ('follows', 'stg_follows', 'count(*)'),
    ('engagements', 'stg_engagements', 'count(*)'),
    ('tweets', 'stg_tweets', 'count(*)'),
    ('users', 'stg_users', 'count(*)'),
    ('similarity_edges', 'producer_similarity_edges', 'count(*)'),
    ('known_producers', 'known_for', 'count(*)'),
    ('communities', 'clusters', 'count(*)'),
    ('interests', 'interested_in', 'count(*)'),
    ('indexed_tweets', 'cluster_top_tweets', 'count(*)'),
    ('candidates', 'tweet_candidates', 'count(*)'),
    ('eligible_producers', 'producers', 'count(case when is_eligible then 1 end)'),
    ('interested_consumers', 'interested_in', 'count(distinct consumer_id)'),
    ('rejected_rows', 'input_report', 'coalesce(sum(row_count), 0)'),
] %}
{# Ids of one input that another has. A table that comes with other ids has as many rows as ever, and joins nothing. #}
{% set shared_ids = [
    ('engaged_users_who_follow', 'stg_engagements', 'user_id', 'stg_follows', 'consumer_id'),
    ('engaged_tweets_with_author', 'stg_engagements', 'tweet_id', 'stg_tweets', 'tweet_id'),
    ('authors_with_followers', 'stg_tweets', 'author_id', 'stg_follows', 'producer_id'),
    ('consumers_with_profile', 'stg_follows', 'consumer_id', 'stg_users', 'user_id'),
    ('tweets_with_topic', 'stg_tweets', 'tweet_id', 'stg_tweet_topics', 'tweet_id'),
    ('topic_followers_who_follow', 'stg_topic_follows', 'consumer_id', 'stg_follows', 'consumer_id'),
    ('opt_outs_who_follow', 'stg_opt_outs', 'user_id', 'stg_follows', 'consumer_id'),
] %}
{% set summary_columns = [
    'largest_cluster_share', 'unweighted_recall', 'weighted_recall', 'modularity', 'relative_precision', 'weight_score_correlation'
] %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),
engagement_counts as (select engagement_type, count(*) as engagement_count from {{ ref('stg_engagements') }} group by engagement_type),

{# Distinct first: memory then holds ids, not rows. #}
{% for metric_name, table_name, id_column, other_table, other_column in shared_ids %}
    {{ metric_name }}_ids as (select distinct {{ id_column }} as id from {{ ref(table_name) }}),
    {{ metric_name }}_known as (select distinct {{ other_column }} as id from {{ ref(other_table) }}),
{% endfor %}

metrics as (
    {% for metric_name, table_name, counted in counts %}
        select 'count' as metric_kind, '{{ metric_name }}' as metric_name, cast({{ counted }} as float64) as metric_value
        from {{ ref(table_name) }}
        union all
    {% endfor %}
    {% for metric_name, _, _, _, _ in shared_ids %}
        select 'count' as metric_kind, '{{ metric_name }}' as metric_name, cast(count(*) as float64) as metric_value
        from {{ metric_name }}_ids as ids inner join {{ metric_name }}_known as known on ids.id = known.id
        union all
    {% endfor %}
    {# Types without events count too: a type that stops coming is a count of 0, not a missing row. #}
    select
        'count' as metric_kind,
        concat(known_types.engagement_type, '_engagements') as metric_name,
        cast(coalesce(engagement_counts.engagement_count, 0) as float64) as metric_value

    from {{ ref('engagement_types') }} as known_types

    left join engagement_counts on known_types.engagement_type = engagement_counts.engagement_type

    union all

    {% for column_name in summary_columns %}
        select 'quality' as metric_kind, 'overall_{{ column_name }}' as metric_name, {{ column_name }} as metric_value
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
