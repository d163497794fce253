{{ config(materialized = 'view') }}

{% set bucket_millis = var('stream_bucket_minutes') * 60000 %}
{% set window_millis = var('stream_window_hours') * 3600000 %}

with

clock as (

    select {{ unix_millis('as_of') }} as as_of_millis

    from {{ ref('int_stream_clock') }}

),

batch_events as (

    select
        user_id,
        tweet_id,
        engagement_type,
        engaged_at

    from {{ ref('stg_engagements') }}

),

inbox as (

    select
        user_id,
        tweet_id,
        engagement_type,
        engaged_at

    from {{ ref('int_stream_inbox') }}

),

tweets as (

    select
        tweet_id,
        author_id

    from {{ ref('stg_tweets') }}

),

all_events as (

    select
        user_id,
        tweet_id,
        engagement_type,
        {{ unix_millis('engaged_at') }} as engaged_millis

    from batch_events

    where engagement_type in ('fav', 'unfav')

    union all

    select
        user_id,
        tweet_id,
        engagement_type,
        {{ unix_millis('engaged_at') }} as engaged_millis

    from inbox

    where engagement_type in ('fav', 'unfav')

),

bucketed_events as (

    select
        all_events.user_id,
        all_events.tweet_id,
        all_events.engagement_type = 'fav' as is_fav,
        all_events.engaged_millis,
        all_events.engaged_millis - mod(all_events.engaged_millis, {{ bucket_millis }}) as bucket_start_millis,
        clock.as_of_millis

    from all_events

    cross join clock

),

{# A fav on a tweet of one's own says nothing. #}
live_events as (

    select
        events.user_id,
        events.tweet_id,
        events.is_fav,
        events.engaged_millis,
        {{ timestamp_from_millis('events.bucket_start_millis + ' ~ bucket_millis) }} as bucket_at

    from bucketed_events as events

    left join tweets
        on events.tweet_id = tweets.tweet_id

    where events.engaged_millis <= events.as_of_millis
        and events.bucket_start_millis + {{ bucket_millis }} > events.as_of_millis - {{ window_millis }}
        and coalesce(tweets.author_id <> events.user_id, true)

)

select * from live_events
