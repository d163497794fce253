{% set half_life_days = var('fav_half_life_days') %}

with

served_favs as (
    select consumer_id, producer_id, fav_score
    from {{ ref('user_producer_favs') }} where half_life_days = {{ half_life_days }}
)

select * from served_favs
