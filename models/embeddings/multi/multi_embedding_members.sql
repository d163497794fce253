{{ config(materialized = 'view') }}

with

engine_rows as (
    select grouping_method, consumer_id, producer_id, group_rank, producer_count, fav_score, medoid_score
    from {{ ref('int_multi_embedding_members_' ~ engine_of('products')) }}
)

select * from engine_rows
