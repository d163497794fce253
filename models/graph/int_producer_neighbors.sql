{{ config(materialized = 'view') }}
{# The one place that knows which engine ran. #}

with

producer_neighbors as (

    select
        producer_id,
        neighbor_producer_id,
        common_follower_count,
        cosine_similarity

    from {{ ref('int_producer_neighbors_' ~ similarity_engine(var('similarity_engine'))) }}

)

select * from producer_neighbors
