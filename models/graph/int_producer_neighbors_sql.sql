{% set neighbors_per_producer = var('neighbors_per_producer') %}

with

producer_pairs as (

    select
        producer_id,
        neighbor_producer_id,
        common_follower_count,
        cosine_similarity

    from {{ ref('int_producer_pairs') }}

),

both_directions as (

    select
        producer_id,
        neighbor_producer_id,
        common_follower_count,
        cosine_similarity

    from producer_pairs

    union all

    select
        neighbor_producer_id as producer_id,
        producer_id as neighbor_producer_id,
        common_follower_count,
        cosine_similarity

    from producer_pairs

),

nearest_neighbors as (

    select
        producer_id,
        neighbor_producer_id,
        common_follower_count,
        cosine_similarity

    from both_directions

    qualify {{ top_k_per('producer_id', 'cosine_similarity', 'neighbor_producer_id', neighbors_per_producer) }}

)

select * from nearest_neighbors
