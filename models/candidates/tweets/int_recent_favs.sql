{{ config(cluster_by = ['user_id']) }}
{# Favs fade as in the index of the joined recipes. It lists new tweets alone; here an old tweet counts too, if it is faved now. #}
{% set index_name, time_factor = 'stream', recipe_time_factor() %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),
recipes as (
    select pair_name, half_life_hours * {{ time_factor }} as half_life_hours
    from {{ ref('engagement_index_recipes') }} where index_name = '{{ index_name }}'
),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_recent_favs'),
favs as (select user_id, tweet_id, faved_at from {{ ref('int_fav_states') }} where is_faved),
engagement_pairs as (select pair_name, user_id, tweet_id, engaged_at from {{ ref('int_engagement_pairs') }}),

counted_favs as (
    select
        user_id,
        tweet_id,
        faved_at,
        count(*) over (partition by tweet_id) as faver_count,
        count(*) over (partition by user_id) as fav_count

    from favs
),

last_favs as (
    select user_id, tweet_id, faver_count, fav_count

    from counted_favs

    qualify row_number() over (partition by user_id order by faved_at desc, tweet_id asc) <= (select limits.items_per_group from limits)
),

fresh_favs as (
    select
        engagement_pairs.user_id,
        engagement_pairs.tweet_id,
        sum({{ half_life_decay('engagement_pairs.engaged_at', 'as_of.as_of', 'recipes.half_life_hours') }}) as fresh_weight

    from engagement_pairs

    cross join as_of
    inner join recipes on engagement_pairs.pair_name = recipes.pair_name

    group by engagement_pairs.user_id, engagement_pairs.tweet_id
),

recent_favs as (
    select
        last_favs.user_id,
        last_favs.tweet_id,
        last_favs.faver_count,
        last_favs.fav_count,
        cast(fresh_favs.fresh_weight as float64) as fresh_weight

    from last_favs

    left join fresh_favs
        on last_favs.user_id = fresh_favs.user_id
            and last_favs.tweet_id = fresh_favs.tweet_id
)

select * from recent_favs

{{ stored_in_order(['user_id']) }}
