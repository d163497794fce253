{% set minimum_active_followers = resolved_number(
    var('minimum_active_followers'), 'minimum_active_followers', ref('int_graph_settings')
) %}

with

common_followers as (
    select topic_id, consumer_language, consumer_country, producer_id, common_follower_weight
    from {{ ref('int_topic_producer_followers') }}
),
followed_topics as (
    select topic_id, consumer_language, consumer_country, topic_number, topic_follower_norm
    from {{ ref('int_followed_topics') }}
),
topic_consumers as (select distinct consumer_id from {{ ref('stg_topic_follows') }}),
user_user_graph as (select consumer_id, producer_id from {{ ref('user_user_graph') }} where is_followed),
producers as (select producer_id from {{ ref('producers') }} where active_follower_count >= {{ minimum_active_followers }}),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'topic_top_producers'),

{# Followers without any topic say nothing about topics, so they do not count. #}
producer_counts as (
    select graph.producer_id, count(*) as producer_follower_count

    from user_user_graph as graph

    inner join producers on graph.producer_id = producers.producer_id
    inner join topic_consumers on graph.consumer_id = topic_consumers.consumer_id

    group by graph.producer_id
),

topic_scores as (
    select
        followed_topics.topic_number,
        common_followers.producer_id,
        common_followers.common_follower_weight
        / (followed_topics.topic_follower_norm * sqrt(cast(producer_counts.producer_follower_count as float64)))
            as topic_producer_similarity

    from common_followers

    inner join producer_counts on common_followers.producer_id = producer_counts.producer_id
    inner join followed_topics
        on common_followers.topic_id = followed_topics.topic_id
            and common_followers.consumer_language = followed_topics.consumer_language
            and common_followers.consumer_country = followed_topics.consumer_country
),

kept_producers as (
    select
        topic_number,
        producer_id,
        {{ rank_per('topic_number', 'topic_producer_similarity', 'producer_id') }} as producer_rank,
        topic_producer_similarity

    from topic_scores

    qualify producer_rank <= (select limits.items_per_group from limits)
),

named_topics as (
    select
        followed_topics.topic_id, followed_topics.consumer_language, followed_topics.consumer_country, kept_producers.producer_id,
        kept_producers.producer_rank, kept_producers.topic_producer_similarity

    from kept_producers

    inner join followed_topics on kept_producers.topic_number = followed_topics.topic_number
)

select * from named_topics
