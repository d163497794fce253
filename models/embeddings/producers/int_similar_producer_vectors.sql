{% set clusters_per_vector = var('similar_producers_clusters') %}

with

producer_embeddings as (
    select embedding_type, producer_id, cluster_id, producer_score

    from {{ ref('producer_embeddings') }}

    where embedding_type in ('fav_based_producer', 'follow_based_producer')
        and cluster_rank <= {{ clusters_per_vector }}
),

cluster_top_producers as (
    select embedding_type, producer_id, cluster_id
    from {{ ref('cluster_top_producers') }} where embedding_type in ('fav_based_producer', 'follow_based_producer')
),

{# Norm 1 again, because the cut took some of it. #}
unit_vectors as (
    select
        embedding_type,
        producer_id,
        cluster_id,
        producer_score / sqrt(sum(producer_score * producer_score) over (partition by embedding_type, producer_id)) as unit_score

    from producer_embeddings
),

{# A producer in the list of a community that its vector lost is found there, and adds nothing. #}
found_vectors as (
    select
        embedding_type,
        producer_id,
        cluster_id,
        max(unit_score) as unit_score,
        max(is_listed) as is_listed

    from (
        select embedding_type, producer_id, cluster_id, unit_score, 0 as is_listed

        from unit_vectors

        union all

        select embedding_type, producer_id, cluster_id, 0.0 as unit_score, 1 as is_listed

        from cluster_top_producers
    ) as vectors_and_lists

    group by embedding_type, producer_id, cluster_id
),

ranked_vectors as (
    select
        embedding_type,
        producer_id,
        cluster_id,
        cast(unit_score as float64) as unit_score,
        is_listed = 1 as is_listed,
        {{ rank_per(['embedding_type', 'cluster_id', 'is_listed'], 'unit_score', 'producer_id') }} as list_rank

    from found_vectors
)

select * from ranked_vectors
