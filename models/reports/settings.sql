{% set sum_numbers = 'known_power activity_power popularity_power added_means deducted_followers crowding_power'.split() %}
{% set recipe_numbers = sum_numbers + ['regression_penalty'] %}
{% set asked_engines, used_engines = [var('engine')], [] %}
{% for step in ['similarity', 'communities', 'products'] %}
    {% do asked_engines.append(step ~ ': ' ~ var('engines')[step]) if step in var('engines') %}
    {% do used_engines.append(step ~ ': ' ~ engine_of(step)) %}
{% endfor %}

with

graph_settings as (select setting_name, asked, used_number, measured, reason from {{ ref('int_graph_settings') }}),
community_settings as (select asked, measured, reason from {{ ref('int_community_settings') }} where setting_name = 'communities_k'),
compared_follows as (
    select follower_cap, exact_pair_count
    from {{ ref('similarity_report') }} where outcome = 'compared_follows'
),
trials as (
    select {{ recipe_numbers | join(', ') }}, recall, recall_with_followers, trial_reason, is_chosen, uses_followers
    from {{ ref('co_follow_trials') }}
),
time_settings as (select recipe_time_factor from {{ ref('stg_as_of') }}),
communities as (select count(*) as found_count from {{ ref('clusters') }}),

settings as (
    select
        setting_name,
        asked,
        case
            when setting_name = 'consumer_score' and asked not in ('', 'auto') then asked
            when setting_name = 'consumer_score' and used_number = 1 then 'follow'
            when setting_name = 'consumer_score' then 'as the recipe says'
            else cast(cast(round(used_number) as int64) as string)
        end as used,
        measured,
        reason

    from graph_settings

    union all

    select
        'communities_k' as setting_name,
        community_settings.asked,
        cast(communities.found_count as string) as used,
        community_settings.measured,
        case
            when {{ var('true_positive_weight') }} > 0 then 'true_positive_weight decides; nothing was asked for'
            when community_settings.asked = 'auto' then community_settings.reason
            else 'asked for, as near as the graph allows'
        end as reason

    from community_settings

    cross join communities

    union all

    select
        'recipe_time_factor' as setting_name,
        {{ quoted_text(var('recipe_time_factor') | string) }} as asked,
        {{ number_text(recipe_time_factor()) }} as used,
        recipe_time_factor as measured,
        'days of the engagements as a power of two where these have no time of day, else 1' as reason

    from time_settings

    union all

    select
        'similarity_follower_cap' as setting_name,
        {{ quoted_text(var('similarity_follower_cap') | string) }} as asked,
        cast(follower_cap as string) as used,
        cast(exact_pair_count as float64) as measured,
        'pairs of the exact join; 0 compares all followers' as reason

    from compared_follows

    {% for number in recipe_numbers %}
        union all

        select
            'co_follow_recipes.{{ number }}' as setting_name,
            case when count(*) over () = 1 then {{ number_text(number) }} else 'auto' end as asked,
            {{ number_text(number) }} as used,
            recall as measured,
            concat(
                trial_reason, ': held out follows found among 20 producers; with those among 10, nearly the most of all recipes tried'
            ) as reason

        from trials

        qualify is_chosen
    {% endfor %}

    union all

    select
        'producer_candidate_recipes.follower_share' as setting_name,
        'auto' as asked,
        case when uses_followers then 'as the recipe says' else '0' end as used,
        recall_with_followers / nullif(recall, 0) as measured,
        'held out follows found with own followers first, over those found without; used from 1.05 on' as reason

    from trials

    where is_chosen

    union all

    select
        'engine' as setting_name,
        {{ quoted_text(asked_engines | join(', ')) }} as asked,
        {{ quoted_text(used_engines | join(', ')) }} as used,
        cast(null as float64) as measured,
        'auto: the kernel where Python models run in the process of dbt, else SQL' as reason

    from time_settings
)

select * from settings
