{{ config(materialized = 'view') }}
{# A view, because int_engagement_pairs alone reads it, a bucket of tweets at a time. #}

with

recipe_events as (
    select pair_name, type_role, engagement_type, event_type, is_undo, counts_every_event, window_start_millis, window_end_millis
    from {{ ref('int_pair_recipe_events') }}
),
engagements as (select user_id, tweet_id, engagement_type, engaged_at from {{ ref('stg_engagements') }}),

window_events as (
    select
        recipe_events.pair_name,
        recipe_events.type_role,
        recipe_events.engagement_type,
        engagements.user_id,
        engagements.tweet_id,
        case when recipe_events.counts_every_event then engagements.engaged_at end as single_event_at,
        recipe_events.is_undo,
        engagements.engaged_at

    from engagements

    inner join recipe_events
        on engagements.engagement_type = recipe_events.event_type
            and {{ unix_millis('engagements.engaged_at') }}
            between recipe_events.window_start_millis and recipe_events.window_end_millis
),

last_events as (
    select
        pair_name,
        type_role,
        engagement_type,
        user_id,
        tweet_id,
        max(case when not is_undo then engaged_at end) as engaged_at,
        max(case when is_undo then engaged_at end) as undone_at,
        count(*) as event_count

    from window_events

    group by pair_name, type_role, engagement_type, user_id, tweet_id, single_event_at
),

{# The last event decides; an undo wins at the same instant. #}
standing_states as (
    select pair_name, type_role, engagement_type, user_id, tweet_id, engaged_at, event_count

    from last_events

    where engaged_at is not null
        and (undone_at is null or engaged_at > undone_at)
)

select * from standing_states
