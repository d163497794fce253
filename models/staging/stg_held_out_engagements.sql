{{ config(materialized = 'table') }}
{# A table, because every step reads stg_engagements, which leaves these out. #}

{% set held_out_share = var('holdout_engagement_share') | float %}

with

accepted_engagements as (
    select user_id, tweet_id, engagement_type, engaged_at, cast(floor({{ unix_millis('engaged_at') }} / 3600000) as int64) as engaged_hour
    from {{ ref('base_engagements') }} where rejection_reason is null and {{ 'true' if held_out_share > 0 else 'false' }}
),

hours as (select engaged_hour, count(*) as event_count from accepted_engagements group by engaged_hour),

counted_hours as (
    select
        engaged_hour,
        sum(event_count) over (order by engaged_hour desc) as later_count,
        sum(event_count) over () as all_count

    from hours
),

{# One end for everybody, because a recommendation knows of nobody what comes after it. #}
last_hours as (select engaged_hour from counted_hours where later_count <= {{ held_out_share }} * all_count),

last_engagements as (
    select
        accepted_engagements.user_id,
        accepted_engagements.tweet_id,
        accepted_engagements.engagement_type,
        accepted_engagements.engaged_at

    from accepted_engagements

    inner join last_hours on accepted_engagements.engaged_hour = last_hours.engaged_hour
),

{# Who favs a tweet saw it first, and a tweet that was seen is hidden. So what is asked for is not seen yet, either. #}
held_out_engagements as (
    select user_id, tweet_id, engagement_type, engaged_at from last_engagements

    union distinct

    select impressions.user_id, impressions.tweet_id, impressions.engagement_type, impressions.engaged_at

    from accepted_engagements as impressions

    inner join last_engagements
        on impressions.user_id = last_engagements.user_id
            and impressions.tweet_id = last_engagements.tweet_id

    where impressions.engagement_type = 'impression'
)

select * from held_out_engagements
