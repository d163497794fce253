{{ config(
    enabled = engine_of('products') == 'sql',
    cluster_by = ['producer_id', 'consumer_language', 'consumer_country', 'topic_id']
) }}

with

topic_followers as (select topic_number, consumer_id, topic_weight from {{ ref('int_topic_followers') }}),
followed_topics as (select topic_id, consumer_language, consumer_country, topic_number from {{ ref('int_followed_topics') }}),
producer_followers as (select consumer_id, producer_id from {{ ref('int_topic_followings') }}),

common_followers as (
    select
        topic_followers.topic_number,
        producer_followers.producer_id,
        sum(topic_followers.topic_weight) as common_follower_weight

    from topic_followers

    inner join producer_followers on topic_followers.consumer_id = producer_followers.consumer_id

    group by topic_followers.topic_number, producer_followers.producer_id
),

named_topics as (
    select
        followed_topics.topic_id, followed_topics.consumer_language, followed_topics.consumer_country, common_followers.producer_id,
        common_followers.common_follower_weight

    from common_followers

    inner join followed_topics on common_followers.topic_number = followed_topics.topic_number
)

select * from named_topics

{# By producer, so that a bucket of producers reads its own rows only. #}
{{ stored_in_order(['producer_id', 'consumer_language', 'consumer_country', 'topic_id']) }}
