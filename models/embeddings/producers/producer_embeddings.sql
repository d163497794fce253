{{ config(cluster_by = ['producer_id', 'embedding_type', 'cluster_id']) }}

{% set clusters_per_producer = var('clusters_per_producer') %}

with

all_scores as (select embedding_type, producer_id, cluster_id, producer_score from {{ ref('int_producer_scores') }}),

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
