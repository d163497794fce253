{{ config(materialized = 'view') }}

with

topic_consumers as (
    select topic_id, consumer_language, consumer_country, consumer_id, topic_weight
    from {{ ref('int_topic_consumers') }} where topic_source = 'read_languages'
),
followed_topics as (
    select topic_id, consumer_language, consumer_country, topic_number, topic_follower_norm
    from {{ ref('int_followed_topics') }}
),

topic_followers as (
    select followed_topics.topic_number, topic_consumers.consumer_id, topic_consumers.topic_weight, followed_topics.topic_follower_norm

    from topic_consumers

    inner join followed_topics
        on topic_consumers.topic_id = followed_topics.topic_id
            and topic_consumers.consumer_language = followed_topics.consumer_language
            and topic_consumers.consumer_country = followed_topics.consumer_country
)

select * from topic_followers
