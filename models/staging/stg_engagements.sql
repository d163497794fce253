with

accepted_engagements as (

    select
        user_id,
        tweet_id,
        engagement_type,
        engaged_at

    from {{ ref('int_engagements_checked') }}

    where rejection_reason is null

)

select * from accepted_engagements
