{{ config(materialized = 'table') }}
{# A table: tweet embeddings and every engagement index read it. #}

{% set time_factor = var('recipe_time_factor') %}

with

as_of as (

    select as_of

    from {{ ref('stg_as_of') }}

),

recipes as (

    select
        pair_name,
        engagement_type,
        window_hours * {{ time_factor }} as window_hours,
        maximum_events

    from {{ ref('engagement_pair_recipes') }}

),

engagement_types as (

    select
        engagement_type,
        undoes_type

    from {{ ref('engagement_types') }}

),

engagements as (

    select
        user_id,
        tweet_id,
        engagement_type,
        engaged_at

    from {{ ref('stg_engagements') }}

),

tweets as (

    select
        tweet_id,
        created_at

    from {{ ref('stg_tweets') }}

),

{# Each recipe reads its engagement and the one that takes it back. #}
recipe_events as (

    select
        recipes.pair_name,
        engagement_types.engagement_type,
        engagement_types.engagement_type <> recipes.engagement_type as is_undo,
        recipes.maximum_events,
        {{ unix_millis('as_of.as_of') }} - cast(recipes.window_hours * 3600000 as int64) as window_start_millis,
        {{ unix_millis('as_of.as_of') }} as window_end_millis

    from recipes

    cross join as_of

    inner join engagement_types
        on recipes.engagement_type = engagement_types.engagement_type
            or recipes.engagement_type = engagement_types.undoes_type

),

last_events as (

    select
        recipe_events.pair_name,
        engagements.user_id,
        engagements.tweet_id,
        recipe_events.window_start_millis,
        recipe_events.maximum_events,
        max(case when not recipe_events.is_undo then engagements.engaged_at end) as engaged_at,
        max(case when recipe_events.is_undo then engagements.engaged_at end) as undone_at,
        count(*) as event_count

    from engagements

    inner join recipe_events
        on engagements.engagement_type = recipe_events.engagement_type
            and {{ unix_millis('engagements.engaged_at') }}
            between recipe_events.window_start_millis and recipe_events.window_end_millis

    group by
        recipe_events.pair_name,
        engagements.user_id,
        engagements.tweet_id,
        recipe_events.window_start_millis,
        recipe_events.maximum_events

),

{# The last event decides; of two at the same instant the one that takes back. Too many events on one tweet are no interest but noise. #}
standing_pairs as (

    select
        last_events.pair_name,
        last_events.user_id,
        last_events.tweet_id,
        last_events.engaged_at,
        last_events.event_count,
        coalesce(
            {{ unix_millis('coalesce(tweets.created_at, ' ~ snowflake_created_at('last_events.tweet_id') ~ ')') }}
            >= last_events.window_start_millis,
            true
        ) as is_new_tweet

    from last_events

    left join tweets
        on last_events.tweet_id = tweets.tweet_id

    where last_events.engaged_at is not null
        and (last_events.undone_at is null or last_events.engaged_at > last_events.undone_at)
        and (last_events.maximum_events is null or last_events.event_count <= last_events.maximum_events)

)

select * from standing_pairs
