{{ config(tags = ['audit']) }}

{# Only pairs that both tables kept can be compared. #}
with

differences as (
    select producer_embeddings.embedding_type, producer_embeddings.producer_id, producer_embeddings.cluster_id

    from {{ ref('producer_embeddings') }} as producer_embeddings

    inner join {{ ref('cluster_top_producers') }} as cluster_top_producers
        on producer_embeddings.embedding_type = cluster_top_producers.embedding_type
            and producer_embeddings.producer_id = cluster_top_producers.producer_id
            and producer_embeddings.cluster_id = cluster_top_producers.cluster_id

    where abs(producer_embeddings.producer_score - cluster_top_producers.producer_score) > 1e-9
)

select * from differences
