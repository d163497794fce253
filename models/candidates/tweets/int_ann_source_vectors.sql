{{ config(materialized = 'view') }}
{# A view, because a query about one source reads only that source's rows of one table. #}

with

source_vectors as (
    select
        'consumer' as source_kind,
        consumer_score as source_embedding_type,
        consumer_id as source_id,
        'all' as source_language,
        'all' as source_country,
        cluster_id,
        interested_in_score as source_score

    from {{ ref('consumer_scores') }}

    union all

    select
        'consumer' as source_kind,
        interest_type as source_embedding_type,
        consumer_id as source_id,
        'all' as source_language,
        'all' as source_country,
        cluster_id,
        log_fav_score as source_score

    from {{ ref('interested_in_variants') }}

    where log_fav_score > 0

    union all

    select
        'consumer' as source_kind,
        concat('follow_', interest_type) as source_embedding_type,
        consumer_id as source_id,
        'all' as source_language,
        'all' as source_country,
        cluster_id,
        follow_score as source_score

    from {{ ref('interested_in_variants') }}

    where follow_score > 0

    union all

    select
        'producer' as source_kind,
        embedding_type as source_embedding_type,
        producer_id as source_id,
        'all' as source_language,
        'all' as source_country,
        cluster_id,
        producer_score as source_score

    from {{ ref('producer_embeddings') }}

    union all

    select
        'tweet' as source_kind,
        embedding_type as source_embedding_type,
        tweet_id as source_id,
        'all' as source_language,
        'all' as source_country,
        cluster_id,
        tweet_score as source_score

    from {{ ref('tweet_embeddings') }}

    union all

    select
        'tweet' as source_kind,
        concat('log_fav_', snapshot_name) as source_embedding_type,
        tweet_id as source_id,
        'all' as source_language,
        'all' as source_country,
        cluster_id,
        tweet_score as source_score

    from {{ ref('persistent_tweet_embeddings') }}

    where snapshot_name in ('latest', 'longest_l2')

    union all

    select
        'topic' as source_kind,
        embedding_type as source_embedding_type,
        topic_id as source_id,
        consumer_language as source_language,
        consumer_country as source_country,
        cluster_id,
        topic_score as source_score

    from {{ ref('topic_embeddings') }}
)

select * from source_vectors
