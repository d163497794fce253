{% set minimum_active_followers = resolved_number(
    var('minimum_active_followers'), 'minimum_active_followers', ref('int_graph_settings')
) %}
{% set minimum_topic_followers = var('minimum_topic_followers') %}

with

topic_followers as (
    select topic_id, consumer_language, consumer_country, consumer_id, topic_weight
    from {{ ref('int_topic_consumers') }} where topic_source = 'read_languages'
),
user_user_graph as (select consumer_id, producer_id from {{ ref('user_user_graph') }} where is_followed),
limits as (select minimum_score from {{ ref('table_limits') }} where table_name = 'int_topic_producer_followers'),
producers as (
    select producer_id, active_follower_count
    from {{ ref('producers') }}
    where active_follower_count >= (select least({{ minimum_active_followers }}, limits.minimum_score) from limits)
),

known_topics as (
    select
        topic_id,
        consumer_language,
        consumer_country,
        sum(topic_weight) as topic_follower_weight,
        sqrt(sum(topic_weight * topic_weight)) as topic_follower_norm,
        sum(sum(topic_weight)) over (partition by consumer_language, consumer_country) as all_topics_follower_weight

    from topic_followers

    group by topic_id, consumer_language, consumer_country

    having {{ rounded_score('sum(topic_weight)') }} >= {{ minimum_topic_followers }}
),

topic_consumers as (select distinct consumer_id from topic_followers),

{# Followers without any topic say nothing about topics, so they do not count. #}
producer_followers as (
    select graph.consumer_id, graph.producer_id

    from user_user_graph as graph

    inner join producers on graph.producer_id = producers.producer_id
    inner join topic_consumers on graph.consumer_id = topic_consumers.consumer_id
),

producer_counts as (select producer_id, count(*) as producer_follower_count from producer_followers group by producer_id),

common_followers as (
    select
        topic_followers.topic_id,
        topic_followers.consumer_language,
        topic_followers.consumer_country,
        producer_followers.producer_id,
        sum(topic_followers.topic_weight) as common_follower_weight

    from topic_followers

    inner join producer_followers on topic_followers.consumer_id = producer_followers.consumer_id

    group by topic_followers.topic_id, topic_followers.consumer_language, topic_followers.consumer_country, producer_followers.producer_id
),

counted_followers as (
    select
        common_followers.topic_id, common_followers.consumer_language, common_followers.consumer_country, common_followers.producer_id,
        common_followers.common_follower_weight, known_topics.topic_follower_weight, known_topics.topic_follower_norm,
        known_topics.all_topics_follower_weight, producer_counts.producer_follower_count, producers.active_follower_count

    from common_followers

    inner join known_topics
        on common_followers.topic_id = known_topics.topic_id
            and common_followers.consumer_language = known_topics.consumer_language
            and common_followers.consumer_country = known_topics.consumer_country

    inner join producer_counts on common_followers.producer_id = producer_counts.producer_id
    inner join producers on common_followers.producer_id = producers.producer_id
)

select * from counted_followers
