{{ config(materialized = 'view') }}
{# A view, because another copy of both kinds of list would cost more than reading them twice. #}

with

recipes as (select candidate_type, neighbor_share from {{ ref('producer_candidate_recipes') }}),
cluster_lists as (
    select candidate_type, cluster_id, producer_id, producer_rank, producer_weight
    from {{ ref('int_producer_candidate_weights') }}
),
co_followed_producers as (
    select producer_id, co_followed_producer_id, producer_rank, co_follow_score
    from {{ ref('co_followed_producers') }}
),

lists as (
    select
        candidate_type,
        'cluster' as list_kind,
        cluster_id as list_id,
        producer_id,
        producer_rank,
        producer_weight

    from cluster_lists

    union all

    select
        recipes.candidate_type,
        'producer' as list_kind,
        co_followed_producers.producer_id as list_id,
        co_followed_producers.co_followed_producer_id as producer_id,
        co_followed_producers.producer_rank,
        co_followed_producers.co_follow_score as producer_weight

    from recipes

    cross join co_followed_producers

    where recipes.neighbor_share > 0
)

select * from lists
