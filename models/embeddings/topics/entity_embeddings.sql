{% set clusters_per_entity = var('clusters_per_entity') %}

with

entity_cluster_scores as (
    select embedding_type, entity_id, consumer_language, cluster_id, entity_score
    from {{ ref('int_entity_cluster_scores') }}
),
producer_based_scores as (
    select embedding_type, entity_id, consumer_language, cluster_id, entity_score
    from {{ ref('int_entity_producer_scores') }}
),

all_scores as (

    select
        embedding_type,
        entity_id,
        consumer_language,
        cluster_id,
        entity_score

    from entity_cluster_scores

    union all

    select
        embedding_type,
        entity_id,
        consumer_language,
        cluster_id,
        entity_score

    from producer_based_scores

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

    qualify cluster_rank <= {{ clusters_per_entity }}

)

select * from kept_scores
