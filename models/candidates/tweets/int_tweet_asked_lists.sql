{{ config(materialized = 'view') }}
{# A view, because interests, favs and follows are tables already. #}

with

recipes as (
    select candidate_type, row_number() over (order by candidate_type) as recipe_number, neighbor_share, author_share
    from {{ ref('candidate_recipes') }}
),
interests as (select candidate_type, consumer_id, cluster_id, interest_weight from {{ ref('int_tweet_candidate_interests') }}),
recent_favs as (select user_id, tweet_id, faver_count from {{ ref('int_recent_favs') }}),
followed_producers as (
    select consumer_id, producer_id, follow_score_producer_normalized
    from {{ ref('user_user_graph') }} where is_followed
),

asked_lists as (
    select
        interests.candidate_type,
        interests.consumer_id,
        'cluster' as list_kind,
        3 * recipes.recipe_number as list_group,
        interests.cluster_id as list_id,
        interests.interest_weight as asked_weight

    from recipes

    inner join interests on recipes.candidate_type = interests.candidate_type

    union all

    select
        recipes.candidate_type,
        recent_favs.user_id as consumer_id,
        'tweet' as list_kind,
        3 * recipes.recipe_number + 1 as list_group,
        recent_favs.tweet_id as list_id,
        1 / sqrt(cast(recent_favs.faver_count as float64)) as asked_weight

    from recipes

    cross join recent_favs

    where recipes.neighbor_share > 0

    union all

    select
        recipes.candidate_type,
        followed_producers.consumer_id,
        'author' as list_kind,
        3 * recipes.recipe_number + 2 as list_group,
        followed_producers.producer_id as list_id,
        followed_producers.follow_score_producer_normalized as asked_weight

    from recipes

    cross join followed_producers

    where recipes.author_share > 0
)

select * from asked_lists
