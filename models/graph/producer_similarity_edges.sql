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

listed_neighbors as (

    select
        producer_id,
        neighbor_producer_id,
        common_follower_count,
        cosine_similarity

    from both_directions

    qualify {{ top_k_per('producer_id', 'cosine_similarity', 'neighbor_producer_id', neighbors_per_producer) }}

),

{# An edge stays when either end lists the other, so a producer can have more neighbours than it lists. #}
listed_by_either_end as (

    select
        producer_id,
        neighbor_producer_id,
        common_follower_count,
        cosine_similarity

    from listed_neighbors

    union distinct

    select
        neighbor_producer_id as producer_id,
        producer_id as neighbor_producer_id,
        common_follower_count,
        cosine_similarity

    from listed_neighbors

),

ranked_edges as (

    select
        producer_id,
        neighbor_producer_id,
        {{ rank_per('producer_id', 'cosine_similarity', 'neighbor_producer_id') }} as neighbor_rank,
        common_follower_count,
        cosine_similarity

    from listed_by_either_end

)

select * from ranked_edges
