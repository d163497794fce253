{{ config(
    materialized = 'bucketed_table',
    cluster_by = ['producer_id', 'neighbor_producer_id']
) }}

{# Every listed pair stands here twice, once from each end. #}
{{ buckets_by_rows(ref('int_producer_neighbors'), 'producer_id', rows_each=2) }}

with

producer_neighbors as (
    select producer_id, neighbor_producer_id, common_follower_count, cosine_similarity
    from {{ ref('int_producer_neighbors') }}
),

{# An edge stays when either end lists the other, so a producer can have more neighbours than it lists. #}
listed_by_either_end as (
    select producer_id, neighbor_producer_id, common_follower_count, cosine_similarity

    from producer_neighbors

    where {{ bucket_filter('producer_id') }}

    union distinct

    select neighbor_producer_id as producer_id, producer_id as neighbor_producer_id, common_follower_count, cosine_similarity

    from producer_neighbors

    where {{ bucket_filter('neighbor_producer_id') }}
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
