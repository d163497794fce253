{# A table: the input is read and de-duplicated once, and its good rows stay when a file changes. For stg_tweets and input_report. #}

with

tweets as (

    select
        tweet_id,
        author_id,
        created_at,
        has_video,
        is_sensitive

    from {{ input_relation('tweets') }}

),

distinct_rows as (

    select
        tweet_id,
        author_id,
        created_at,
        has_video,
        is_sensitive,
        count(*) as row_count

    from tweets

    group by tweet_id, author_id, created_at, has_video, is_sensitive

),

checked_rows as (

    select
        tweet_id,
        author_id,
        created_at,
        has_video,
        is_sensitive,
        row_count,
        {{ rejection_reason('tweets') }} as rejection_reason

    from distinct_rows

),

rows_per_key as (

    select
        tweet_id,
        author_id,
        created_at,
        has_video,
        is_sensitive,
        row_count,
        rejection_reason,
        row_number() over (
            partition by tweet_id, rejection_reason
            order by author_id nulls last, created_at nulls last, has_video nulls last, is_sensitive nulls last
        ) as key_rank

    from checked_rows

),

one_row_per_key as (

    select
        tweet_id,
        author_id,
        created_at,
        has_video,
        is_sensitive,
        row_count,
        case
            when rejection_reason is null and key_rank > 1 then 'tweet_id repeats with other values'
            else rejection_reason
        end as rejection_reason

    from rows_per_key

)

select * from one_row_per_key
