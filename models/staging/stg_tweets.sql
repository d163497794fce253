{# Ids below 2^22 carry no time: their upper bits are zero. #}
{% set smallest_snowflake_id = 4194304 %}

with

accepted_tweets as (
    select tweet_id, author_id, created_at, has_video, is_sensitive
    from {{ ref('base_tweets') }} where rejection_reason is null
),

dated_tweets as (
    select
        tweet_id,
        author_id,
        case
            when created_at is not null then created_at
            when tweet_id >= {{ smallest_snowflake_id }} then {{ timestamp_from_millis(snowflake_millis('tweet_id')) }}
        end as created_at,
        has_video,
        is_sensitive

    from accepted_tweets
)

select * from dated_tweets
