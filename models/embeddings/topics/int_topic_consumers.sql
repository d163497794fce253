with

topic_favs as (select consumer_id, topic_id, topic_fav_score from {{ ref('int_consumer_topic_favs') }}),
topic_follows as (select consumer_id, topic_id from {{ ref('stg_topic_follows') }}),
users as (select user_id, language, country from {{ ref('stg_users') }}),
user_languages as (select user_id, language, language_weight from {{ ref('stg_user_languages') }}),

follow_sources as (
    select 'account_language' as topic_source
    union all
    select 'read_languages' as topic_source
),

topic_readers as (
    select topic_follows.topic_id, topic_follows.consumer_id, user_languages.language, user_languages.language_weight, users.country

    from topic_follows

    inner join user_languages on topic_follows.consumer_id = user_languages.user_id
    left join users on topic_follows.consumer_id = users.user_id
),

topic_consumers as (
    select
        'favs' as topic_source, topic_id, 'all' as consumer_language, 'all' as consumer_country, consumer_id,
        topic_fav_score as topic_weight
    from topic_favs

    union all

    select
        follow_sources.topic_source, topic_follows.topic_id, 'all' as consumer_language, 'all' as consumer_country,
        topic_follows.consumer_id, 1.0 as topic_weight
    from topic_follows
    cross join follow_sources

    union all

    select
        'account_language' as topic_source, topic_follows.topic_id, users.language as consumer_language, 'all' as consumer_country,
        topic_follows.consumer_id, 1.0 as topic_weight
    from topic_follows
    inner join users on topic_follows.consumer_id = users.user_id
    where users.language is not null

    union all

    select
        'read_languages' as topic_source, topic_id, language as consumer_language, 'all' as consumer_country, consumer_id,
        language_weight as topic_weight
    from topic_readers

    union all

    select
        'read_languages' as topic_source, topic_id, language as consumer_language, country as consumer_country, consumer_id,
        language_weight as topic_weight
    from topic_readers
    where country is not null
)

select * from topic_consumers
