with

accepted_engagements as (
    select user_id, tweet_id, engagement_type, engaged_at
    from {{ ref('base_engagements') }} where rejection_reason is null
),
held_out_engagements as (select user_id, tweet_id, engagement_type, engaged_at from {{ ref('stg_held_out_engagements') }}),

kept_engagements as (
    select
        accepted_engagements.user_id, accepted_engagements.tweet_id, accepted_engagements.engagement_type, accepted_engagements.engaged_at

    from accepted_engagements

    left join held_out_engagements
        on accepted_engagements.user_id = held_out_engagements.user_id
            and accepted_engagements.tweet_id = held_out_engagements.tweet_id
            and accepted_engagements.engagement_type = held_out_engagements.engagement_type
            and accepted_engagements.engaged_at = held_out_engagements.engaged_at

    where held_out_engagements.user_id is null
)

select * from kept_engagements
