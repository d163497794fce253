with

accepted_tweets as (
    select tweet_id, author_id, created_at, has_video, is_sensitive, is_evergreen
    from {{ ref('base_tweets') }} where rejection_reason is null
),

dated_tweets as (
    select
        tweet_id,
        author_id,
        coalesce(created_at, {{ snowflake_created_at('tweet_id') }}) as created_at,
        has_video,
        is_sensitive,
        is_evergreen

    from accepted_tweets
)

select * from dated_tweets
