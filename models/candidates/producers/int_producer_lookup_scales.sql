{{ config(cluster_by = ['list_group', 'consumer_id']) }}

with

trials as (select uses_followers from {{ ref('co_follow_trials') }} where is_chosen),
recipes as (
    select
        recipes.recipe_number,
        recipes.neighbor_share,
        case when trials.uses_followers then recipes.follower_share else 0.0 end as follower_share,
        recipes.neighbor_share > 0 or recipes.follower_share > 0 as is_joined,
        recipes.is_for_comparison

    from {{ ref('int_producer_candidate_recipes') }} as recipes

    cross join trials
),
asked_lists as (select list_group, consumer_id, list_id, asked_weight from {{ ref('int_producer_asked_lists') }}),
lists as (select list_group, list_id, producer_weight from {{ ref('int_producer_candidate_lists') }}),

{{ lookup_scales('follower_share', item_weight='producer_weight') }}

select * from kept_scales

{{ stored_in_order(['list_group', 'consumer_id']) }}
