{% set producers_per_topic = var('producers_per_topic') %}

with

common_followers as (
    select topic_id, consumer_language, producer_id, common_follower_count, topic_follower_count, producer_follower_count
    from {{ ref('int_topic_producer_followers') }}
),

topic_scores as (

    select
        topic_id,
        consumer_language,
        producer_id,
        common_follower_count
        / (sqrt(cast(topic_follower_count as float64)) * sqrt(cast(producer_follower_count as float64)))
            as topic_producer_similarity

    from common_followers

),

kept_producers as (

    select
        topic_id,
        consumer_language,
        producer_id,
        {{ rank_per(['topic_id', 'consumer_language'], 'topic_producer_similarity', 'producer_id') }} as producer_rank,
        topic_producer_similarity

    from topic_scores

    qualify producer_rank <= {{ producers_per_topic }}

)

select * from kept_producers
