{{
    config(
        materialized = 'incremental',
        unique_key = ['as_of', 'metric_name'],
        on_schema_change = 'fail'
    )
}}
{# Incremental, because yesterday's numbers cannot be computed from today's tables. A run replaces the rows of its own as_of. #}

{% set counted_tables = {
    'follows': 'stg_follows',
    'engagements': 'stg_engagements',
    'tweets': 'stg_tweets',
    'users': 'stg_users',
    'similarity_edges': 'producer_similarity_edges',
    'known_producers': 'known_for',
    'communities': 'clusters',
    'interests': 'interested_in',
    'indexed_tweets': 'cluster_top_tweets',
    'candidates': 'tweet_candidates',
} %}

with

as_of as (

    select as_of

    from {{ ref('stg_as_of') }}

),

metrics as (

    {% for metric_name, table_name in counted_tables.items() %}
    select
        '{{ metric_name }}' as metric_name,
        cast(count(*) as float64) as metric_value

    from {{ ref(table_name) }}

    union all

    {% endfor %}
    select
        'eligible_producers' as metric_name,
        cast(sum(case when is_eligible then 1 else 0 end) as float64) as metric_value

    from {{ ref('producers') }}

    union all

    select
        'interested_consumers' as metric_name,
        cast(count(distinct consumer_id) as float64) as metric_value

    from {{ ref('interested_in') }}

    union all

    select
        'mean_follow_score' as metric_name,
        avg(follow_score) as metric_value

    from {{ ref('interested_in') }}

    union all

    select
        'mean_log_fav_score' as metric_name,
        avg(log_fav_score) as metric_value

    from {{ ref('interested_in') }}

    union all

    select
        'rejected_rows' as metric_name,
        cast(coalesce(sum(row_count), 0) as float64) as metric_value

    from {{ ref('input_report') }}

),

run_metrics as (

    select
        as_of.as_of,
        metrics.metric_name,
        coalesce(metrics.metric_value, 0.0) as metric_value

    from metrics

    cross join as_of

)

select * from run_metrics
