{{ config(
    partition_by = partitioned_by_time('as_of'),
    cluster_by = ['embedding_type', 'entity_id', 'cluster_id'],
    require_partition_filter = true
) }}

{% set versioned_types = var('versioned_embedding_types') %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),
embeddings as (
    select
        model_version, embedding_type, entity_kind, entity_id, consumer_language, consumer_country, cluster_id, cluster_rank,
        embedding_score
    from {{ ref('embeddings') }}
    where embedding_type in ({{ quoted_texts(versioned_types or ['']) }})
),

dated_embeddings as (
    select
        embeddings.model_version, as_of.as_of, embeddings.embedding_type, embeddings.entity_kind, embeddings.entity_id,
        embeddings.consumer_language, embeddings.consumer_country, embeddings.cluster_id, embeddings.cluster_rank,
        embeddings.embedding_score

    from embeddings

    cross join as_of
)

select * from dated_embeddings
