{# The kernel reads it once, the SQL in each bucket. #}
{{ config(materialized = 'view' if engine_of('products') == 'kernel' else 'table') }}

with

user_user_graph as (
    select consumer_id, producer_id, is_followed, follow_score_producer_normalized, fav_score
    from {{ ref('user_user_graph') }}
),
embedded_producers as (
    select producer_id, cluster_id
    from {{ ref('producer_embeddings') }} where embedding_type = 'aggregatable_log_fav_producer' and cluster_rank = 1
),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_multi_embedding_neighbors'),

listed_neighbors as (
    select
        consumer_id,
        producer_id,
        is_followed,
        fav_score,
        {{ rank_per(['consumer_id', 'is_followed'], ['fav_score', 'follow_score_producer_normalized'], 'producer_id') }} as list_rank

    from user_user_graph
),

{# A followed producer and an only faved one take turns, so neither list crowds out the other. The original shuffles the lists. #}
interleaved_neighbors as (
    select
        consumer_id,
        producer_id,
        fav_score,
        row_number() over (partition by consumer_id order by list_rank, case when is_followed then 0 else 1 end) as neighbor_rank

    from listed_neighbors
),

embedded_neighbors as (
    select neighbors.consumer_id, neighbors.producer_id, embedded_producers.cluster_id as largest_cluster_id, neighbors.fav_score

    from interleaved_neighbors as neighbors

    inner join embedded_producers on neighbors.producer_id = embedded_producers.producer_id

    where neighbors.neighbor_rank <= (select limits.items_per_group from limits)
)

select * from embedded_neighbors
