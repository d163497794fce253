with

entity_cluster_scores as (
    select embedding_type, cluster_id, entity_id, consumer_language, entity_score
    from {{ ref('int_entity_cluster_scores') }}
),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'cluster_top_entities'),

kept_scores as (
    select
        embedding_type,
        cluster_id,
        entity_id,
        consumer_language,
        {{ rank_per(['embedding_type', 'cluster_id'], 'entity_score', 'entity_id, consumer_language') }} as entity_rank,
        entity_score

    from entity_cluster_scores

    qualify entity_rank <= (select limits.items_per_group from limits)
)

select * from kept_scores
