{{ config(cluster_by = ['producer_id']) }}

{% set minimum_active_followers = resolved_number(
    var('minimum_active_followers'), 'minimum_active_followers', ref('int_graph_settings')
) %}

with

user_producer_edges as (
    select consumer_id, producer_id, is_followed, fav_score, {{ log_favs('fav_score') }} as log_fav_score
    from {{ ref('int_user_producer_edges') }}
),
inactive_users as (select user_id from {{ ref('stg_users') }} where not is_active),
screen_names as (select user_id, screen_name from {{ ref('stg_users') }}),
text_ids as (select user_id, user_key from {{ ref('user_ids') }}),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'producers'),

{# Counts, not sums of ones: DuckDB 2.0 takes an integer sum over a left join with an empty table for 0 in a later comparison. #}
counts_and_norms as (
    select
        edges.producer_id,
        count(case when edges.is_followed then 1 end) as follower_count,
        count(case when edges.is_followed and inactive_users.user_id is null then 1 end) as active_follower_count,
        count(case when edges.fav_score > 0 then 1 end) as faver_count,
        sqrt(sum(edges.fav_score * edges.fav_score)) as faver_norm,
        sum(edges.fav_score) as fav_score_sum,
        sum(case when edges.is_followed then edges.fav_score else 0.0 end) as followed_fav_score_sum,
        sqrt(sum(edges.log_fav_score * edges.log_fav_score)) as log_fav_norm,
        sum(edges.log_fav_score) as log_fav_score_sum,
        sum(case when edges.is_followed then edges.log_fav_score else 0.0 end) as followed_log_fav_score_sum

    from user_producer_edges as edges

    left join inactive_users on edges.consumer_id = inactive_users.user_id

    group by edges.producer_id
),

{# Of an inactive producer, below all others. #}
ranked_counts as (
    select
        counts_and_norms.producer_id,
        case when inactive_users.user_id is null then counts_and_norms.active_follower_count else -1 end as ranked_count

    from counts_and_norms

    left join inactive_users on counts_and_norms.producer_id = inactive_users.user_id
),

{# Places within a count, behind those of larger counts: no warehouse sorts all producers at once. #}
places_before as (
    select ranked_count, sum(count(*)) over (order by ranked_count desc) - count(*) as place_count
    from ranked_counts group by ranked_count
),

ranks as (
    select
        ranked_counts.producer_id,
        ranked_counts.ranked_count >= 0 as is_active,
        cast(places_before.place_count as int64)
        + row_number() over (partition by ranked_counts.ranked_count order by ranked_counts.producer_id) as popularity_rank

    from ranked_counts

    inner join places_before on ranked_counts.ranked_count = places_before.ranked_count
),

producers as (
    select
        counts_and_norms.producer_id,
        coalesce(screen_names.screen_name, text_ids.user_key) as screen_name,
        ranks.is_active
        and counts_and_norms.active_follower_count >= {{ minimum_active_followers }}
        and ranks.popularity_rank <= (select limits.items_per_group from limits) as is_eligible,
        ranks.popularity_rank,
        counts_and_norms.follower_count,
        counts_and_norms.active_follower_count,
        sqrt(cast(counts_and_norms.follower_count as float64)) as follower_norm,
        counts_and_norms.faver_count,
        counts_and_norms.faver_norm,
        counts_and_norms.fav_score_sum,
        counts_and_norms.followed_fav_score_sum,
        counts_and_norms.log_fav_norm,
        counts_and_norms.log_fav_score_sum,
        counts_and_norms.followed_log_fav_score_sum

    from counts_and_norms

    inner join ranks on counts_and_norms.producer_id = ranks.producer_id
    left join screen_names on counts_and_norms.producer_id = screen_names.user_id
    left join text_ids on counts_and_norms.producer_id = text_ids.user_id
)

select * from producers
