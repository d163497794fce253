{{ config(materialized = 'view') }}

with

topic_favs as (select consumer_id, topic_id, topic_fav_score from {{ ref('int_consumer_topic_favs') }}),
languages as (select user_id, language from {{ ref('stg_users') }} where language is not null),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_consumer_topic_shares'),

kept_topics as (
    select consumer_id, topic_id, topic_fav_score

    from topic_favs

    where topic_fav_score > 0

    qualify {{ rank_per('consumer_id', 'topic_fav_score', 'topic_id') }} <= (select limits.items_per_group from limits)
),

topic_shares as (
    select
        kept_topics.consumer_id,
        kept_topics.topic_id,
        coalesce(languages.language, 'all') as consumer_language,
        kept_topics.topic_fav_score
        / sum(kept_topics.topic_fav_score) over (partition by kept_topics.consumer_id) as topic_share

    from kept_topics

    left join languages on kept_topics.consumer_id = languages.user_id
)

select * from topic_shares
