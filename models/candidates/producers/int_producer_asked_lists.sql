{{ config(materialized = 'view') }}
{# A view, because interests and follows are tables already. #}

with

recipes as (
    select candidate_type, recipe_number, neighbor_share, follower_share
    from {{ ref('int_producer_candidate_recipes') }}
),
interests as (select candidate_type, consumer_id, cluster_id, interest_weight from {{ ref('int_producer_candidate_interests') }}),
follows as (select consumer_id, producer_id from {{ ref('stg_follows') }}),
own_followers as (select user_id from {{ ref('int_own_followers') }} where producer_rank = 1),

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
        follows.consumer_id,
        'producer' as list_kind,
        3 * recipes.recipe_number + 1 as list_group,
        follows.producer_id as list_id,
        1.0 as asked_weight

    from recipes

    cross join follows

    where recipes.neighbor_share > 0

    union all

    select
        recipes.candidate_type,
        own_followers.user_id as consumer_id,
        'follower' as list_kind,
        3 * recipes.recipe_number + 2 as list_group,
        own_followers.user_id as list_id,
        1.0 as asked_weight

    from recipes

    cross join own_followers

    where recipes.follower_share > 0
)

select * from asked_lists
