{{ config(materialized = 'view') }}
{# A view, because the norms of producers give all scores. What the cut takes is little, and stored. #}

with

user_producer_edges as (
    select consumer_id, producer_id, is_followed, fav_score, {{ log_favs('fav_score') }} as log_fav_score
    from {{ ref('int_user_producer_edges') }}
),
cut_edges as (select consumer_id, producer_id from {{ ref('int_cut_edges') }}),
producers as (select producer_id, follower_norm, faver_norm, log_fav_norm from {{ ref('producers') }}),

kept_edges as (
    select
        edges.consumer_id,
        edges.producer_id,
        edges.is_followed,
        cast(case when edges.is_followed then 1.0 / nullif(producers.follower_norm, 0) else 0.0 end as float64)
            as follow_score_producer_normalized,
        edges.fav_score,
        cast(coalesce(edges.fav_score / nullif(producers.faver_norm, 0), 0.0) as float64) as fav_score_producer_normalized,
        cast(edges.log_fav_score as float64) as log_fav_score,
        cast(coalesce(edges.log_fav_score / nullif(producers.log_fav_norm, 0), 0.0) as float64) as log_fav_score_producer_normalized

    from user_producer_edges as edges

    inner join producers on edges.producer_id = producers.producer_id

    left join cut_edges
        on edges.consumer_id = cut_edges.consumer_id
            and edges.producer_id = cut_edges.producer_id

    where cut_edges.producer_id is null
)

select * from kept_edges
