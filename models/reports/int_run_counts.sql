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

with

engagement_types as (select engagement_type from {{ ref('engagement_types') }}),
engagements as (select engagement_type from {{ ref('stg_engagements') }}),

{# Types without events count too: a type that stops coming is a count of 0, not a missing row. #}
engagement_counts as (
    select
        engagement_types.engagement_type,
        count(engagements.engagement_type) as engagement_count

    from engagement_types

    left join engagements on engagement_types.engagement_type = engagements.engagement_type

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
    {% for metric_name, table_name, id_column, other_table, other_column in shared_ids %}
        select
            '{{ metric_name }}' as metric_name,
            cast(count(distinct {{ id_column }}) as float64) as metric_value

        from {{ ref(table_name) }}

        where {{ id_column }} in (select {{ other_column }} from {{ ref(other_table) }})

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
