with

accepted_tweet_topics as (

    select
        tweet_id,
        topic_id

    from {{ ref('int_tweet_topics_checked') }}

    where rejection_reason is null

)

select * from accepted_tweet_topics
