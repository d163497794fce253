{% set minimum_topic_followers = var('minimum_topic_followers') %}

with

topic_followers as (
    select topic_id, consumer_language, consumer_country, topic_weight
    from {{ ref('int_topic_consumers') }} where topic_source = 'read_languages'
),

followed_topics as (
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

{# For those who join and rank many rows: numbers are quicker than texts. A large table stores none, because each run gives others. #}
numbered_topics as (
    select
        topic_id,
        consumer_language,
        consumer_country,
        row_number() over (order by consumer_language, consumer_country, topic_id) as topic_number,
        dense_rank() over (order by consumer_language, consumer_country) as audience_number,
        topic_follower_weight,
        topic_follower_norm,
        all_topics_follower_weight

    from followed_topics
)

select * from numbered_topics
