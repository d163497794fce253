with

topic_favs as (select consumer_id, topic_id, topic_fav_score from {{ ref('int_consumer_topic_favs') }}),
topic_follows as (select consumer_id, topic_id from {{ ref('stg_topic_follows') }}),
languages as (select user_id, language from {{ ref('stg_users') }} where language is not null),

topic_consumers as (
    select
        'favs' as topic_source,
        topic_id,
        'all' as consumer_language,
        consumer_id,
        topic_fav_score as topic_weight

    from topic_favs

    union all

    select
        'follows' as topic_source,
        topic_id,
        'all' as consumer_language,
        consumer_id,
        1.0 as topic_weight

    from topic_follows

    union all

    select
        'follows' as topic_source,
        topic_follows.topic_id,
        languages.language as consumer_language,
        topic_follows.consumer_id,
        1.0 as topic_weight

    from topic_follows

    inner join languages on topic_follows.consumer_id = languages.user_id
)

select * from topic_consumers
