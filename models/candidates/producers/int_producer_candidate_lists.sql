{{ config(cluster_by = ['list_group', 'list_id']) }}
{# Readers find a list by two numbers. Text would be compared for every row they join. #}

with

recipes as (
    select candidate_type, row_number() over (order by candidate_type) as recipe_number, neighbor_share, follower_share
    from {{ ref('producer_candidate_recipes') }}
),
cluster_lists as (
    select candidate_type, cluster_id, producer_id, producer_rank, producer_weight
    from {{ ref('int_producer_candidate_weights') }}
),
co_followed_producers as (
    select producer_id, co_followed_producer_id, producer_rank, co_follow_score
    from {{ ref('co_followed_producers') }}
),
follows as (select consumer_id, producer_id from {{ ref('stg_follows') }}),
producers as (select producer_id, popularity_rank from {{ ref('producers') }}),
inactive_users as (select user_id from {{ ref('stg_users') }} where not is_active),
consumers as (select distinct consumer_id from follows),
trials as (select uses_followers from {{ ref('co_follow_trials') }} where is_chosen),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_producer_candidate_lists'),

{# Active followers of those who follow somebody themselves. All weigh the same; the most followed are kept. #}
own_followers as (
    select
        follows.producer_id as user_id,
        follows.consumer_id as producer_id,
        row_number() over (partition by follows.producer_id order by producers.popularity_rank) as producer_rank

    from follows

    cross join trials
    inner join consumers on follows.producer_id = consumers.consumer_id
    inner join producers on follows.consumer_id = producers.producer_id
    left join inactive_users on follows.consumer_id = inactive_users.user_id

    where trials.uses_followers
        and inactive_users.user_id is null

    qualify producer_rank <= (select limits.items_per_group from limits)
),

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
