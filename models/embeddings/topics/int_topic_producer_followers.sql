{{ config(cluster_by = ['producer_id', 'consumer_language', 'consumer_country', 'topic_id']) }}

{% set minimum_active_followers = resolved_number(
    var('minimum_active_followers'), 'minimum_active_followers', ref('int_graph_settings')
) %}

with

topic_consumers as (
    select topic_id, consumer_language, consumer_country, consumer_id, topic_weight
    from {{ ref('int_topic_consumers') }} where topic_source = 'read_languages'
),
followed_topics as (select topic_id, consumer_language, consumer_country, topic_number from {{ ref('int_followed_topics') }}),
user_user_graph as (select consumer_id, producer_id from {{ ref('user_user_graph') }} where is_followed),
limits as (select minimum_score from {{ ref('table_limits') }} where table_name = 'int_topic_producer_followers'),
producers as (
    select producer_id
    from {{ ref('producers') }}
    where active_follower_count >= (select least({{ minimum_active_followers }}, limits.minimum_score) from limits)
),

topic_followers as (
    select followed_topics.topic_number, topic_consumers.consumer_id, topic_consumers.topic_weight

    from topic_consumers

    inner join followed_topics
        on topic_consumers.topic_id = followed_topics.topic_id
            and topic_consumers.consumer_language = followed_topics.consumer_language
            and topic_consumers.consumer_country = followed_topics.consumer_country
),

producer_followers as (
    select graph.consumer_id, graph.producer_id

    from user_user_graph as graph

    inner join producers on graph.producer_id = producers.producer_id
),

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
