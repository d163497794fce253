{{ config(materialized = 'view') }}

with

engine_rows as (
    select consumer_id, cluster_id, cluster_rank, user_topic_score
    from {{ ref('int_user_topic_embeddings_' ~ engine_of('products')) }}
)

select * from engine_rows
