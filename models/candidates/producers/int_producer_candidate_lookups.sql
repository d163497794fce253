{{ config(cluster_by = ['consumer_id', 'candidate_type']) }}

with

trials as (select uses_followers from {{ ref('co_follow_trials') }} where is_chosen),
recipes as (
    select
        recipes.candidate_type,
        recipes.neighbor_share,
        case when trials.uses_followers then recipes.follower_share else 0.0 end as follower_share,
        recipes.neighbor_share > 0 or recipes.follower_share > 0 as is_joined,
        recipes.is_for_comparison

    from {{ ref('producer_candidate_recipes') }} as recipes

    cross join trials
),
interests as (select candidate_type, consumer_id, cluster_id, interest_weight from {{ ref('int_producer_candidate_interests') }}),
follows as (select consumer_id, producer_id from {{ ref('stg_follows') }}),
consumers as (select distinct consumer_id from follows),
lists as (select candidate_type, list_kind, list_group, list_id, producer_weight from {{ ref('int_producer_candidate_lists') }}),

asked_lists as (
    select
        candidate_type,
        consumer_id,
        'cluster' as list_kind,
        cluster_id as list_id,
        interest_weight as lookup_weight

    from interests

    union all

    select
        recipes.candidate_type,
        follows.consumer_id,
        'producer' as list_kind,
        follows.producer_id as list_id,
        1.0 as lookup_weight

    from recipes

    cross join follows

    where recipes.neighbor_share > 0
        and {{ is_recipe_for('follows.consumer_id', 'recipes.is_for_comparison', ref('int_graph_settings')) }}

    union all

    {# Own followers. #}
    select
        recipes.candidate_type,
        consumers.consumer_id,
        'follower' as list_kind,
        consumers.consumer_id as list_id,
        1.0 as lookup_weight

    from recipes

    cross join consumers

    where recipes.follower_share > 0
        and {{ is_recipe_for('consumers.consumer_id', 'recipes.is_for_comparison', ref('int_graph_settings')) }}
),

{{ candidate_lookups('follower', 'follower_share', item_weight='producer_weight') }}

select * from lookups

{{ stored_in_order(['consumer_id', 'candidate_type']) }}
