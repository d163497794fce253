{{ config(cluster_by = ['producer_id', 'embedding_type', 'cluster_id']) }}

{% set clusters_per_producer = var('clusters_per_producer') %}

with

published_scores as (select embedding_type, producer_id, cluster_id, producer_score from {{ ref('int_producer_scores') }}),
fitted_vectors as (select producer_id, cluster_id, producer_score from {{ ref('int_fitted_vectors') }}),
fine_clusters as (select distinct cluster_id, parent_cluster_id from {{ ref('fine_known_for') }}),
opted_out_clusters as (select user_id, cluster_id from {{ ref('opted_out_clusters') }} where opt_out_kind = 'known_for'),

{# An opt-out leaves the others as they are. #}
fitted_scores as (
    select fitted_vectors.producer_id, fitted_vectors.cluster_id, fitted_vectors.producer_score

    from fitted_vectors

    left join fine_clusters on fitted_vectors.cluster_id = fine_clusters.cluster_id

    left join opted_out_clusters
        on fitted_vectors.producer_id = opted_out_clusters.user_id
            and coalesce(fine_clusters.parent_cluster_id, fitted_vectors.cluster_id) = opted_out_clusters.cluster_id

    where opted_out_clusters.user_id is null
),

all_scores as (
    select embedding_type, producer_id, cluster_id, producer_score from published_scores
    union all
    select 'fitted_producer' as embedding_type, producer_id, cluster_id, producer_score from fitted_scores
),

kept_scores as (
    select
        embedding_type,
        producer_id,
        cluster_id,
        {{ rank_per(['embedding_type', 'producer_id'], 'producer_score', 'cluster_id') }} as cluster_rank,
        producer_score

    from all_scores

    qualify cluster_rank <= {{ clusters_per_producer }}
)

select * from kept_scores

{{ stored_in_order(['producer_id', 'embedding_type', 'cluster_id']) }}
