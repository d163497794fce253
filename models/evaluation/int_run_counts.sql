{{ config(materialized = 'view') }}

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

engagement_types as (

    select engagement_type

    from {{ ref('engagement_types') }}

),

engagements as (

    select engagement_type

    from {{ ref('stg_engagements') }}

),

{# Also the types that nobody used: a type that stops coming is a count of 0, not a missing row. #}
engagement_counts as (

    select
        engagement_types.engagement_type,
        count(engagements.engagement_type) as engagement_count

    from engagement_types

    left join engagements
        on engagement_types.engagement_type = engagements.engagement_type

    group by engagement_types.engagement_type

),

counts as (

    {% for metric_name, table_name in counted_tables.items() %}
    select
        '{{ metric_name }}' as metric_name,
        cast(count(*) as float64) as metric_value

    from {{ ref(table_name) }}

    union all

    {% endfor %}
    select
        concat(engagement_type, '_engagements') as metric_name,
        cast(engagement_count as float64) as metric_value

    from engagement_counts

    union all

    select
        'eligible_producers' as metric_name,
        cast(count(*) as float64) as metric_value

    from {{ ref('producers') }}

    where is_eligible

    union all

    select
        'interested_consumers' as metric_name,
        cast(count(distinct consumer_id) as float64) as metric_value

    from {{ ref('interested_in') }}

    union all

    select
        'rejected_rows' as metric_name,
        cast(coalesce(sum(row_count), 0) as float64) as metric_value

    from {{ ref('input_report') }}

)

select * from counts
