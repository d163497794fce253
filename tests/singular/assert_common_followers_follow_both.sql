{{ config(group = 'embeddings', enabled = engine_of('products') == 'sql') }}
{# A topic and a producer have no more followers in common than either has. Said here, because dbt warns of a disabled test in a yml. #}

with

common_followers as (
    select topic_id, consumer_language, consumer_country, producer_id, common_follower_weight
    from {{ ref('int_topic_producer_followers') }}
),
followed_topics as (select topic_id, consumer_language, consumer_country, topic_follower_weight from {{ ref('int_followed_topics') }}),
topic_consumers as (select distinct consumer_id from {{ ref('stg_topic_follows') }}),
user_user_graph as (select consumer_id, producer_id from {{ ref('user_user_graph') }} where is_followed),

producer_counts as (
    select graph.producer_id, count(*) as producer_follower_count

    from user_user_graph as graph

    inner join topic_consumers on graph.consumer_id = topic_consumers.consumer_id

    group by graph.producer_id
)

select common_followers.topic_id, common_followers.consumer_language, common_followers.consumer_country, common_followers.producer_id

from common_followers

left join producer_counts on common_followers.producer_id = producer_counts.producer_id
left join followed_topics
    on common_followers.topic_id = followed_topics.topic_id
        and common_followers.consumer_language = followed_topics.consumer_language
        and common_followers.consumer_country = followed_topics.consumer_country

where
    not coalesce(
        round(common_followers.common_follower_weight, 9)
        <= least(round(followed_topics.topic_follower_weight, 9), producer_counts.producer_follower_count),
        false
    )
