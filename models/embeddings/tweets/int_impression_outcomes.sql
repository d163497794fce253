{% set time_factor = recipe_time_factor() %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),

windows as (
    select distinct
        window_hours,
        cast(window_hours * {{ time_factor }} * 3600000 as int64) as window_millis

    from {{ ref('fav_rate_audiences') }}
),

engagements as (
    select user_id, tweet_id, engagement_type, engaged_at
    from {{ ref('stg_engagements') }} where engagement_type in ('impression', 'fav', 'unfav')
),
tweets as (select tweet_id, author_id, created_at from {{ ref('stg_tweets') }}),
follows as (select consumer_id, producer_id from {{ ref('stg_follows') }}),

window_events as (
    select
        windows.window_hours,
        {{ unix_millis('as_of.as_of') }} - windows.window_millis as window_start_millis,
        engagements.user_id,
        engagements.tweet_id,
        min(case when engagements.engagement_type = 'impression' then engagements.engaged_at end) as seen_at,
        max(case when engagements.engagement_type = 'fav' then engagements.engaged_at end) as faved_at,
        max(case when engagements.engagement_type = 'unfav' then engagements.engaged_at end) as unfaved_at

    from windows

    cross join as_of

    inner join engagements
        on {{ unix_millis('engagements.engaged_at') }}
            between {{ unix_millis('as_of.as_of') }} - windows.window_millis and {{ unix_millis('as_of.as_of') }}

    group by windows.window_hours, {{ unix_millis('as_of.as_of') }} - windows.window_millis, engagements.user_id, engagements.tweet_id
),

{# As in the original, a fav without an impression in the window vanishes, and the age is that of the impression, not of the fav. #}
outcomes as (
    select
        events.window_hours,
        events.user_id,
        events.tweet_id,
        events.seen_at,
        events.faved_at is not null and (events.unfaved_at is null or events.faved_at > events.unfaved_at) as is_faved,
        follows.producer_id is null as is_out_of_network

    from window_events as events

    left join tweets on events.tweet_id = tweets.tweet_id

    left join follows
        on events.user_id = follows.consumer_id
            and tweets.author_id = follows.producer_id

    where events.seen_at is not null
        and coalesce(
            {{ unix_millis('coalesce(tweets.created_at, ' ~ snowflake_created_at('events.tweet_id') ~ ')') }}
            >= events.window_start_millis,
            true
        )
)

select * from outcomes
