{{ config(cluster_by = ['consumer_id', 'producer_id']) }}

with

user_producer_edges as (select consumer_id, producer_id, is_followed, fav_score, log_fav_score from {{ ref('int_user_producer_edges') }}),
producers as (select producer_id, follower_norm, faver_norm, log_fav_norm from {{ ref('producers') }}),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'user_user_graph'),

normalized_edges as (
    select
        edges.consumer_id,
        edges.producer_id,
        edges.is_followed,
        case when edges.is_followed then 1.0 / nullif(producers.follower_norm, 0) else 0.0 end
            as follow_score_producer_normalized,
        edges.fav_score,
        coalesce(edges.fav_score / nullif(producers.faver_norm, 0), 0.0) as fav_score_producer_normalized,
        edges.log_fav_score,
        coalesce(edges.log_fav_score / nullif(producers.log_fav_norm, 0), 0.0) as log_fav_score_producer_normalized

    from user_producer_edges as edges

    inner join producers on edges.producer_id = producers.producer_id
),

{# After the favs, the less followed producer stays: following it says more about the consumer. #}
kept_edges as (
    select
        consumer_id,
        producer_id,
        is_followed,
        cast(follow_score_producer_normalized as float64) as follow_score_producer_normalized,
        fav_score,
        cast(fav_score_producer_normalized as float64) as fav_score_producer_normalized,
        cast(log_fav_score as float64) as log_fav_score,
        cast(log_fav_score_producer_normalized as float64) as log_fav_score_producer_normalized

    from normalized_edges

    qualify
        {{ rank_per('consumer_id', ['fav_score', 'follow_score_producer_normalized'], 'producer_id') }}
        <= (select limits.items_per_group from limits)
)

select * from kept_edges
