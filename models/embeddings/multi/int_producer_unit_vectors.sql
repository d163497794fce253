with

producer_embeddings as (
    select producer_id, cluster_id, cluster_rank, producer_score
    from {{ ref('producer_embeddings') }} where embedding_type = 'aggregatable_log_fav_producer'
),

unit_vectors as (
    select
        producer_id,
        cluster_id,
        producer_score / sqrt(sum(producer_score * producer_score) over (partition by producer_id)) as unit_score,
        sqrt(
            sum(producer_score * producer_score)
                over (partition by producer_id order by cluster_rank desc rows unbounded preceding)
            / sum(producer_score * producer_score) over (partition by producer_id)
        ) as rest_norm

    from producer_embeddings
)

select * from unit_vectors
