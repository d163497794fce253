{% set minimum_cap = var('recipe_minimum_cap') %}

with

recipes as (
    select
        index_name, pair_name, fav_pair_name, {{ recipe_minimum('minimum_users', minimum_cap) }} as minimum_users,
        {{ recipe_minimum('minimum_favs', minimum_cap) }} as minimum_favs, requires_new_tweet, requires_safe_video
    from {{ ref('engagement_index_recipes') }}
),

engagement_pairs as (select pair_name, user_id, tweet_id, is_new_tweet from {{ ref('int_engagement_pairs') }}),
tweets as (select tweet_id, has_video, is_sensitive from {{ ref('stg_tweets') }}),

{# The count comes before any other filter, so users without interests count. #}
user_counts as (
    select
        recipes.index_name,
        engagement_pairs.tweet_id,
        recipes.fav_pair_name,
        recipes.minimum_favs,
        recipes.requires_safe_video,
        count(distinct engagement_pairs.user_id) as user_count

    from recipes

    inner join engagement_pairs on recipes.pair_name = engagement_pairs.pair_name

    where engagement_pairs.is_new_tweet or not recipes.requires_new_tweet

    group by
        recipes.index_name,
        engagement_pairs.tweet_id,
        recipes.fav_pair_name,
        recipes.minimum_favs,
        recipes.requires_safe_video,
        recipes.minimum_users

    having count(distinct engagement_pairs.user_id) >= recipes.minimum_users
),

{# Favs of the same window, on tweets of any age. #}
fav_counts as (select pair_name, tweet_id, count(distinct user_id) as fav_count from engagement_pairs group by pair_name, tweet_id),

accepted_tweets as (
    select
        user_counts.index_name,
        user_counts.tweet_id,
        user_counts.user_count,
        coalesce(fav_counts.fav_count, 0) as fav_count

    from user_counts

    left join fav_counts
        on user_counts.fav_pair_name = fav_counts.pair_name
            and user_counts.tweet_id = fav_counts.tweet_id

    left join tweets on user_counts.tweet_id = tweets.tweet_id

    where (user_counts.minimum_favs <= 0 or coalesce(fav_counts.fav_count, 0) >= user_counts.minimum_favs)
        and (
            not user_counts.requires_safe_video
            or (coalesce(tweets.has_video, false) and not coalesce(tweets.is_sensitive, true))
        )
)

select * from accepted_tweets
