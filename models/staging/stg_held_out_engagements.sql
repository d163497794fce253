{{ config(materialized = 'table') }}
{# A table, because every step reads stg_engagements, which leaves these out. #}

{% set held_out_share = var('holdout_engagement_share') | float %}

with

accepted_engagements as (
    select user_id, tweet_id, engagement_type, engaged_at
    from {{ ref('base_engagements') }} where rejection_reason is null and {{ 'true' if held_out_share > 0 else 'false' }}
),

{# The last events, because what is known must come before what is asked. #}
last_engagements as (
    select user_id, tweet_id, engagement_type, engaged_at

    from accepted_engagements

    qualify row_number() over (partition by user_id order by engaged_at desc, tweet_id asc, engagement_type asc)
        <= {{ held_out_share }} * count(*) over (partition by user_id)
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
