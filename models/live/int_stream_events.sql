{{ config(materialized = 'view') }}

{# The bucket that the window starts in counts as a whole. #}
{% set live_millis = stream_millis(var('stream_window_hours'), var('stream_bucket_minutes')) %}

with

batch_end as (select {{ unix_millis('as_of') }} as as_of_millis from {{ ref('stg_as_of') }}),

batch_events as (
    select user_id, tweet_id, engagement_type, engaged_at, true as is_of_batch

    from {{ ref('stg_engagements') }}

    {% if (var('input_schema') or var('input_models')) and not var('holdout_engagement_share') %}
    {# The table may have grown since the batch. #}
    union all

    select user_id, tweet_id, engagement_type, engaged_at, false as is_of_batch

    from {{ input_relation('engagements') }} as input_rows

    where ({{ rejection_reason('engagements') }}) is null
    {% endif %}
),

inbox as (select user_id, tweet_id, engagement_type, engaged_at from {{ ref('int_stream_inbox') }}),

all_events as (
    select
        batch_events.user_id,
        batch_events.tweet_id,
        batch_events.engagement_type,
        {{ unix_millis('batch_events.engaged_at') }} as engaged_millis,
        batch_events.is_of_batch

    from batch_events

    cross join batch_end

    where {{ unix_millis('batch_events.engaged_at') }} > batch_end.as_of_millis - {{ live_millis }}

    union all

    select
        user_id,
        tweet_id,
        engagement_type,
        {{ unix_millis('engaged_at') }} as engaged_millis,
        false as is_of_batch

    from inbox

    where ({{ rejection_reason('engagements') }}) is null
),

live_events as (
    select
        user_id,
        tweet_id,
        engagement_type = 'fav' as is_fav,
        engaged_millis,
        is_of_batch

    from all_events

    where engagement_type in ('fav', 'unfav')
)

select * from live_events
