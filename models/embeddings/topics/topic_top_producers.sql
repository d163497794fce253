{% set minimum_active_followers = resolved_number(
    var('minimum_active_followers'), 'minimum_active_followers', ref('int_graph_settings')
) %}

with

common_followers as (
    select
        topic_id, consumer_language, consumer_country, producer_id, common_follower_weight, topic_follower_norm, producer_follower_count
    from {{ ref('int_topic_producer_followers') }} where active_follower_count >= {{ minimum_active_followers }}
),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'topic_top_producers'),

topic_scores as (
    select
        topic_id,
        consumer_language,
        consumer_country,
        producer_id,
        common_follower_weight / (topic_follower_norm * sqrt(cast(producer_follower_count as float64))) as topic_producer_similarity

    from common_followers
),

kept_producers as (
    select
        topic_id,
        consumer_language,
        consumer_country,
        producer_id,
        {{ rank_per(['topic_id', 'consumer_language', 'consumer_country'], 'topic_producer_similarity', 'producer_id') }} as producer_rank,
        topic_producer_similarity

    from topic_scores

    qualify producer_rank <= (select limits.items_per_group from limits)
)

select * from kept_producers
