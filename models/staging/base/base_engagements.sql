{# A table: the input is read and de-duplicated once, and its good rows stay when a file changes. For stg_engagements and input_report. #}

{% set as_of = var('as_of') %}

with

engagements as (

    select
        user_id,
        tweet_id,
        engagement_type,
        engaged_at

    from {{ input_relation('engagements') }}

),

distinct_rows as (

    select
        user_id,
        tweet_id,
        engagement_type,
        engaged_at,
        count(*) as row_count

    from engagements

    group by user_id, tweet_id, engagement_type, engaged_at

),

checked_rows as (

    select
        user_id,
        tweet_id,
        engagement_type,
        engaged_at,
        row_count,
        {{ rejection_reason('engagements', as_of) }} as rejection_reason

    from distinct_rows

)

select * from checked_rows
