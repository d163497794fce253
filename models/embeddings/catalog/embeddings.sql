{{ config(materialized = 'view') }}

{% set model_version = var('model_version') %}

with

embedding_types as (select embedding_type, clusters_served from {{ ref('embedding_types') }} where clusters_served is not null),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'embeddings'),

ranked_embeddings as (
    select
        embedding_type, 'producer' as entity_kind, producer_id as entity_id, 'all' as consumer_language,
        'all' as consumer_country, cluster_id,
        cluster_rank, producer_score as embedding_score
    from {{ ref('producer_embeddings') }} where producer_score > 0
    union all
    select
        embedding_type, 'tweet' as entity_kind, tweet_id as entity_id, 'all' as consumer_language,
        'all' as consumer_country, cluster_id,
        cluster_rank, tweet_score as embedding_score
    from {{ ref('tweet_embeddings') }} where tweet_score > 0
    union all
    select
        concat('log_fav_', snapshot_name) as embedding_type, 'tweet' as entity_kind, tweet_id as entity_id, 'all' as consumer_language,
        'all' as consumer_country, cluster_id, cluster_rank, tweet_score as embedding_score
    from {{ ref('persistent_tweet_embeddings') }} where snapshot_name in ('latest', 'longest_l2')
    union all
    select
        embedding_type, 'topic' as entity_kind, topic_id as entity_id, consumer_language, consumer_country, cluster_id,
        cluster_rank, topic_score as embedding_score
    from {{ ref('topic_embeddings') }} where topic_score > 0
    union all
    select
        embedding_type, 'entity' as entity_kind, entity_id, consumer_language, 'all' as consumer_country, cluster_id,
        cluster_rank, entity_score as embedding_score
    from {{ ref('entity_embeddings') }} where entity_score > 0
    union all
    select
        'language' as embedding_type, 'language' as entity_kind, cast(0 as int64) as entity_id, language as consumer_language,
        'all' as consumer_country, cluster_id,
        cluster_rank, language_score as embedding_score
    from {{ ref('language_embeddings') }} where language_score > 0
    union all
    select
        'user_topics' as embedding_type, 'consumer' as entity_kind, consumer_id as entity_id, 'all' as consumer_language,
        'all' as consumer_country, cluster_id,
        cluster_rank, user_topic_score as embedding_score
    from {{ ref('user_topic_embeddings') }} where user_topic_score > 0
    union all
    select
        'fitted_consumer' as embedding_type, 'consumer' as entity_kind, consumer_id as entity_id, 'all' as consumer_language,
        'all' as consumer_country, cluster_id,
        cluster_rank, interest_score as embedding_score
    from {{ ref('fitted_interests') }} where interest_score > 0
),

cut_embeddings as (
    select
        ranked_embeddings.embedding_type, ranked_embeddings.entity_kind, ranked_embeddings.entity_id, ranked_embeddings.consumer_language,
        ranked_embeddings.consumer_country, ranked_embeddings.cluster_id, ranked_embeddings.cluster_rank, ranked_embeddings.embedding_score

    from ranked_embeddings

    left join embedding_types on ranked_embeddings.embedding_type = embedding_types.embedding_type

    where ranked_embeddings.cluster_rank <= coalesce(embedding_types.clusters_served, ranked_embeddings.cluster_rank)
),

{# A table that has several scores, or no rank, is ranked here, and served whole. So who asks for scores alone sorts nothing. #}
listed_embeddings as (
    select embedding_type, entity_kind, entity_id, consumer_language, consumer_country, cluster_id, cluster_rank, embedding_score
    from cut_embeddings
    union all
    select
        'known_for' as embedding_type, 'producer' as entity_kind, producer_id as entity_id, 'all' as consumer_language,
        'all' as consumer_country, cluster_id,
        {{ rank_per('producer_id', 'known_for_score', 'cluster_id') }} as cluster_rank, known_for_score as embedding_score
    from {{ ref('known_for') }} where known_for_score > 0
    {% for score in ['fav', 'follow', 'log_fav'] %}
        union all
        select
            '{{ score }}_interested_in' as embedding_type,
            'consumer' as entity_kind, consumer_id as entity_id, 'all' as consumer_language,
            'all' as consumer_country, cluster_id,
            {{ rank_per('consumer_id', score ~ '_score', 'cluster_id') }} as cluster_rank, {{ score }}_score as embedding_score
        from {{ ref('interested_in') }}
        where {{ score }}_score > 0
            and interested_consumer_count < (select limits.items_per_group from limits)
        union all
        select
            concat('{{ score }}_interested_in_', interest_type) as embedding_type,
            'consumer' as entity_kind, consumer_id as entity_id, 'all' as consumer_language,
            'all' as consumer_country, cluster_id,
            {{ rank_per(['interest_type', 'consumer_id'], score ~ '_score', 'cluster_id') }} as cluster_rank,
            {{ score }}_score as embedding_score
        from {{ ref('int_interest_variant_scores') }} where cluster_rank is not null and {{ score }}_score > 0
    {% endfor %}
),

served_embeddings as (
    select
        {{ quoted_text(model_version) }} as model_version,
        embedding_type, entity_kind, entity_id, consumer_language, consumer_country, cluster_id, cluster_rank, embedding_score

    from listed_embeddings
)

select * from served_embeddings
