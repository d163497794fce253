{# A table: the input is read and de-duplicated once, and its good rows stay when a file changes. For stg_tweet_topics and input_report. #}

with

tweet_topics as (

    select
        tweet_id,
        topic_id

    from {{ input_relation('tweet_topics') }}

),

distinct_rows as (

    select
        tweet_id,
        topic_id,
        count(*) as row_count

    from tweet_topics

    group by tweet_id, topic_id

),

checked_rows as (

    select
        tweet_id,
        topic_id,
        row_count,
        {{ rejection_reason('tweet_topics') }} as rejection_reason

    from distinct_rows

)

select * from checked_rows
