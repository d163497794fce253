with

entity_cluster_scores as (
    select embedding_type, entity_id, consumer_language, cluster_id, entity_score
    from {{ ref('int_entity_cluster_scores') }}
),
cluster_cap as (select items_per_group from {{ ref('table_limits') }} where table_name = 'entity_embeddings' and item_name = 'clusters'),
producer_cap as (select items_per_group from {{ ref('table_limits') }} where table_name = 'entity_embeddings' and item_name = 'producers'),
topic_top_producers as (
    select topic_id, producer_id, topic_producer_similarity from {{ ref('topic_top_producers') }}
    where consumer_language = 'all' and producer_rank <= (select producer_cap.items_per_group from producer_cap)
),
producer_embeddings as (
    select embedding_type, producer_id, cluster_id, producer_score
    from {{ ref('producer_embeddings') }} where embedding_type in ('fav_based_producer', 'follow_based_producer')
),

producer_shares as (
    select
        topic_id as entity_id,
        producer_id,
        topic_producer_similarity / sum(topic_producer_similarity) over (partition by topic_id) as producer_share

    from topic_top_producers
),

{# A producer without an embedding keeps its share. #}
mean_scores as (
    select
        concat(producer_embeddings.embedding_type, '_entity') as embedding_type,
        producer_shares.entity_id,
        'all' as consumer_language,
        producer_embeddings.cluster_id,
        cast({{ rounded_score('sum(producer_shares.producer_share * producer_embeddings.producer_score)') }} as float64) as entity_score

    from producer_shares

    inner join producer_embeddings on producer_shares.producer_id = producer_embeddings.producer_id

    group by producer_embeddings.embedding_type, producer_shares.entity_id, producer_embeddings.cluster_id
),

all_scores as (
    select embedding_type, entity_id, consumer_language, cluster_id, entity_score from entity_cluster_scores
    union all
    select embedding_type, entity_id, consumer_language, cluster_id, entity_score from mean_scores
),

kept_scores as (
    select
        embedding_type,
        entity_id,
        consumer_language,
        cluster_id,
        {{ rank_per(['embedding_type', 'entity_id', 'consumer_language'], 'entity_score', 'cluster_id') }} as cluster_rank,
        entity_score

    from all_scores

    qualify cluster_rank <= (select cluster_cap.items_per_group from cluster_cap)
)

select * from kept_scores
