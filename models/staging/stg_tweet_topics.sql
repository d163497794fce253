with

accepted_tweet_topics as (select tweet_id, topic_id from {{ ref('base_tweet_topics') }} where rejection_reason is null)

select * from accepted_tweet_topics
