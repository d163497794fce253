{{ config(materialized = 'view') }}
{#
    A view, because nearly all of it is co_followed_producers. Readers find a list by two numbers: text would be compared for every row they
    join.
#}

with

recipes as (
    select candidate_type, recipe_number, neighbor_share, follower_share
    from {{ ref('int_producer_candidate_recipes') }}
),
cluster_lists as (
    select candidate_type, cluster_id, producer_id, producer_rank, producer_weight
    from {{ ref('int_producer_candidate_weights') }}
),
co_followed_producers as (
    select producer_id, co_followed_producer_id, producer_rank, co_follow_score
    from {{ ref('co_followed_producers') }}
),
own_followers as (select user_id, producer_id, producer_rank from {{ ref('int_own_followers') }}),

lists as (
    select
        recipes.candidate_type,
        'cluster' as list_kind,
        3 * recipes.recipe_number as list_group,
        cluster_lists.cluster_id as list_id,
        cluster_lists.producer_id,
        cluster_lists.producer_rank,
        cluster_lists.producer_weight

    from recipes

    inner join cluster_lists on recipes.candidate_type = cluster_lists.candidate_type

    union all

    select
        recipes.candidate_type,
        'producer' as list_kind,
        3 * recipes.recipe_number + 1 as list_group,
        co_followed_producers.producer_id as list_id,
        co_followed_producers.co_followed_producer_id as producer_id,
        co_followed_producers.producer_rank,
        co_followed_producers.co_follow_score as producer_weight

    from recipes

    cross join co_followed_producers

    where recipes.neighbor_share > 0

    union all

    {# All followers weigh the same. #}
    select
        recipes.candidate_type,
        'follower' as list_kind,
        3 * recipes.recipe_number + 2 as list_group,
        own_followers.user_id as list_id,
        own_followers.producer_id,
        own_followers.producer_rank,
        1.0 as producer_weight

    from recipes

    cross join own_followers

    where recipes.follower_share > 0
)

select * from lists
