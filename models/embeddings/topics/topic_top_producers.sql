{{ config(materialized = 'kernel_table' if runs_kernel('products') else 'table') }}
{{ read_by_kernel('products', ['table_limits', 'int_followed_topics', 'int_topic_followers', 'int_topic_followings']) }}

{% set similarity %}
common_followers.common_follower_weight
        / (followed_topics.topic_follower_norm * sqrt(cast(producer_counts.producer_follower_count as float64)))
{%- endset %}

with

common_followers as (
    select topic_id, consumer_language, consumer_country, producer_id, common_follower_weight
    from {{ sql_alone('products', 'int_topic_producer_followers') }}
),
followed_topics as (
    select topic_id, consumer_language, consumer_country, topic_number, topic_follower_norm
    from {{ ref('int_followed_topics') }}
),
followings as (select producer_id from {{ ref('int_topic_followings') }} where is_listed),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'topic_top_producers'),

producer_counts as (select producer_id, count(*) as producer_follower_count from followings group by producer_id),

topic_scores as (
    select
        followed_topics.topic_number,
        common_followers.producer_id,
        cast({{ rounded_score(similarity) }} as float64) as topic_producer_similarity

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
