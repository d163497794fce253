{{ config(materialized = 'view') }}

with

engine_rows as (
    select topic_id, consumer_language, consumer_country, producer_id, producer_rank, topic_producer_similarity
    from {{ ref('int_topic_top_producers_' ~ engine_of('products')) }}
)

select * from engine_rows
