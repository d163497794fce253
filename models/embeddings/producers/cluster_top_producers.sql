{{ config(cluster_by = ['embedding_type', 'cluster_id', 'producer_rank']) }}

with

producer_cluster_scores as (select embedding_type, cluster_id, producer_id, producer_score from {{ ref('int_producer_cluster_scores') }}),
aggregatable_scores as (select embedding_type, cluster_id, producer_id, producer_score from {{ ref('int_aggregatable_producer_scores') }}),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'cluster_top_producers'),

all_scores as (
    select embedding_type, cluster_id, producer_id, producer_score from producer_cluster_scores
    union all
    select embedding_type, cluster_id, producer_id, producer_score from aggregatable_scores
),

kept_scores as (
    select
        embedding_type,
        cluster_id,
        producer_id,
        {{ rank_per(['embedding_type', 'cluster_id'], 'producer_score', 'producer_id') }} as producer_rank,
        producer_score

    from all_scores

    qualify producer_rank <= (select limits.items_per_group from limits)
)

select * from kept_scores

{{ stored_in_order(['embedding_type', 'cluster_id', 'producer_rank']) }}
