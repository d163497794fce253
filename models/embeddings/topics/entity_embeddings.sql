with

entity_cluster_scores as (
    select embedding_type, entity_id, consumer_language, cluster_id, entity_score
    from {{ ref('int_entity_cluster_scores') }}
),
producer_based_scores as (
    select embedding_type, entity_id, consumer_language, cluster_id, entity_score
    from {{ ref('int_entity_producer_scores') }}
),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'entity_embeddings'),

all_scores as (
    select embedding_type, entity_id, consumer_language, cluster_id, entity_score from entity_cluster_scores
    union all
    select embedding_type, entity_id, consumer_language, cluster_id, entity_score from producer_based_scores
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

    qualify cluster_rank <= (select limits.items_per_group from limits)
)

select * from kept_scores
