{{ config(cluster_by = ['consumer_id', 'candidate_type']) }}
{# What all lists of a consumer can give is 100 points. So all kinds of list are on one scale, whatever their weights are. #}
{% set points = 100 %}

with

trials as (select uses_followers from {{ ref('co_follow_trials') }} where is_chosen),
recipes as (
    select
        recipes.candidate_type,
        row_number() over (order by recipes.candidate_type) as recipe_number,
        recipes.neighbor_share,
        case when trials.uses_followers then recipes.follower_share else 0.0 end as follower_share,
        recipes.neighbor_share > 0 or recipes.follower_share > 0 as is_joined,
        recipes.is_for_comparison

    from {{ ref('producer_candidate_recipes') }} as recipes

    cross join trials
),
interests as (
    select candidate_type, consumer_id, cluster_id, interest_weight
    from {{ ref('int_producer_candidate_interests') }}
),
follows as (select consumer_id, producer_id from {{ ref('stg_follows') }}),
lists as (select candidate_type, list_kind, list_group, list_id, producer_weight from {{ ref('int_producer_candidate_lists') }}),

joined_lists as (
    select
        lists.candidate_type,
        lists.list_kind,
        lists.list_group,
        lists.list_id,
        case lists.list_kind
            when 'follower' then recipes.follower_share
            when 'producer' then (1 - recipes.follower_share) * recipes.neighbor_share
            else (1 - recipes.follower_share) * (1 - recipes.neighbor_share)
        end as kind_share,
        recipes.is_for_comparison,
        sum(lists.producer_weight) as list_weight

    from lists

    inner join recipes on lists.candidate_type = recipes.candidate_type

    where recipes.is_joined

    group by
        lists.candidate_type, lists.list_kind, lists.list_group, lists.list_id, recipes.neighbor_share, recipes.follower_share,
        recipes.is_for_comparison
),

joined_lookups as (
    select
        joined_lists.candidate_type,
        interests.consumer_id,
        joined_lists.list_kind,
        joined_lists.list_group,
        joined_lists.list_id,
        joined_lists.kind_share,
        joined_lists.list_weight,
        interests.interest_weight as lookup_weight

    from interests

    inner join joined_lists
        on interests.candidate_type = joined_lists.candidate_type
            and interests.cluster_id = joined_lists.list_id

    where joined_lists.list_kind = 'cluster'

    union all

    select
        joined_lists.candidate_type,
        follows.consumer_id,
        joined_lists.list_kind,
        joined_lists.list_group,
        joined_lists.list_id,
        joined_lists.kind_share,
        joined_lists.list_weight,
        1.0 as lookup_weight

    from follows

    inner join joined_lists on follows.producer_id = joined_lists.list_id

    where joined_lists.list_kind = 'producer'
        and {{ is_recipe_for('follows.consumer_id', 'joined_lists.is_for_comparison', ref('int_graph_settings')) }}

    union all

    select
        candidate_type,
        list_id as consumer_id,
        list_kind,
        list_group,
        list_id,
        kind_share,
        list_weight,
        1.0 as lookup_weight

    from joined_lists

    where list_kind = 'follower'
        and {{ is_recipe_for('list_id', 'is_for_comparison', ref('int_graph_settings')) }}
),

scaled_lookups as (
    select
        candidate_type,
        consumer_id,
        list_kind,
        list_group,
        list_id,
        {{ points }} * kind_share * lookup_weight
        / nullif(sum(lookup_weight * list_weight) over (partition by candidate_type, consumer_id, list_kind), 0) as lookup_weight

    from joined_lookups
),

lookups as (
    select
        interests.candidate_type,
        interests.consumer_id,
        'cluster' as list_kind,
        3 * recipes.recipe_number as list_group,
        interests.cluster_id as list_id,
        interests.interest_weight as lookup_weight

    from interests

    inner join recipes on interests.candidate_type = recipes.candidate_type

    where not recipes.is_joined

    union all

    select
        candidate_type,
        consumer_id,
        list_kind,
        list_group,
        list_id,
        cast(lookup_weight as float64) as lookup_weight

    from scaled_lookups

    where lookup_weight > 0
)

select * from lookups

{{ stored_in_order(['consumer_id', 'candidate_type']) }}
