{{ config(cluster_by = ['consumer_id', 'producer_id']) }}
{% set half_life_days = var('fav_half_life_days') %}

with

follows as (select consumer_id, producer_id from {{ ref('stg_follows') }}),
favs as (select consumer_id, producer_id, fav_score from {{ ref('user_producer_favs') }} where half_life_days = {{ half_life_days }}),

{# A union and a group by build one hash table; a full join would build two. #}
either_edges as (
    select consumer_id, producer_id, 1 as follow_count, 0.0 as fav_score from follows
    union all
    select consumer_id, producer_id, 0 as follow_count, fav_score from favs
),

combined_edges as (
    select
        consumer_id,
        producer_id,
        max(follow_count) = 1 as is_followed,
        cast(sum(fav_score) as float64) as fav_score

    from either_edges

    group by consumer_id, producer_id
)

select * from combined_edges

{{ stored_in_order(['consumer_id', 'producer_id']) }}
