{% set entities_per_cluster = var('entities_per_cluster') %}

with

entity_cluster_scores as (
    select embedding_type, cluster_id, entity_id, consumer_language, entity_score
    from {{ ref('int_entity_cluster_scores') }}
),

kept_scores as (

    select
        embedding_type,
        cluster_id,
        entity_id,
        consumer_language,
        {{ rank_per(['embedding_type', 'cluster_id'], 'entity_score', 'entity_id, consumer_language') }} as entity_rank,
        entity_score

    from entity_cluster_scores

    qualify entity_rank <= {{ entities_per_cluster }}

)

select * from kept_scores
