{{ config(materialized = 'view') }}

{% set time_factor = recipe_time_factor() %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),

recipes as (
    select
        pair_name, cast(window_hours * {{ time_factor }} * 3600000 as int64) as window_millis,
        cast(minimum_tweet_age_hours * {{ time_factor }} * 3600000 as int64) as minimum_tweet_age_millis,
        maximum_events, counts_every_event,
        coalesce(counts_own_tweets, true) as counts_own_tweets
    from {{ ref('engagement_pair_recipes') }}
),

pair_types as (select pair_name, engagement_type, type_role from {{ ref('engagement_pair_types') }}),
engagement_types as (select engagement_type, undoes_type from {{ ref('engagement_types') }}),

role_counts as (
    select
        pair_name,
        sum(case when type_role = 'confirming' then 1 else 0 end) as confirming_count,
        sum(case when type_role = 'listing' then 1 else 0 end) as listing_count

    from pair_types

    group by pair_name
),

{# Each type comes with the events that undo it. #}
recipe_events as (
    select
        recipes.pair_name,
        pair_types.type_role,
        pair_types.engagement_type,
        engagement_types.engagement_type as event_type,
        engagement_types.engagement_type <> pair_types.engagement_type as is_undo,
        recipes.counts_every_event,
        recipes.counts_own_tweets,
        recipes.maximum_events,
        role_counts.confirming_count > 0 as requires_confirmation,
        role_counts.listing_count > 0 as requires_listing,
        {{ unix_millis('as_of.as_of') }} - recipes.window_millis as window_start_millis,
        {{ unix_millis('as_of.as_of') }} as window_end_millis,
        {{ unix_millis('as_of.as_of') }} - recipes.minimum_tweet_age_millis as created_until_millis

    from recipes

    cross join as_of
    inner join pair_types on recipes.pair_name = pair_types.pair_name
    inner join role_counts on recipes.pair_name = role_counts.pair_name

    inner join engagement_types
        on pair_types.engagement_type = engagement_types.engagement_type
            or pair_types.engagement_type = engagement_types.undoes_type
)

select * from recipe_events
