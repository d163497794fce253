{{ config(materialized = 'view') }}

with

engine_rows as (
    select producer_id, consumer_language, consumer_country, topic_id, topic_rank, producer_topic_share
    from {{ ref('int_producer_top_topics_' ~ engine_of('products')) }}
)

select * from engine_rows
