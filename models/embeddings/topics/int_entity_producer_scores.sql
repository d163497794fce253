with

limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_entity_producer_scores'),
topic_top_producers as (
    select topic_id, producer_id, topic_producer_similarity
    from {{ ref('topic_top_producers') }} where consumer_language = 'all' and producer_rank <= (select limits.items_per_group from limits)
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

weighted_means as (
    select
        concat(producer_embeddings.embedding_type, '_entity') as embedding_type,
        producer_shares.entity_id,
        'all' as consumer_language,
        producer_embeddings.cluster_id,
        cast(sum(producer_shares.producer_share * producer_embeddings.producer_score) as float64) as entity_score

    from producer_shares

    inner join producer_embeddings on producer_shares.producer_id = producer_embeddings.producer_id

    group by producer_embeddings.embedding_type, producer_shares.entity_id, producer_embeddings.cluster_id
)

select * from weighted_means
