{% set topic_half_life_hours = var('topic_fav_half_life_days') * 24 %}
{% set entity_half_life_hours = var('entity_fav_half_life_days') * 24 %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),
favs as (select user_id, tweet_id, faved_at from {{ ref('int_fav_states') }} where is_faved),
tweet_topics as (select tweet_id, topic_id from {{ ref('stg_tweet_topics') }}),

topic_favs as (
    select
        favs.user_id as consumer_id,
        tweet_topics.topic_id,
        cast(sum({{ half_life_decay('favs.faved_at', 'as_of.as_of', topic_half_life_hours) }}) as float64) as topic_fav_score,
        cast(sum({{ half_life_decay('favs.faved_at', 'as_of.as_of', entity_half_life_hours) }}) as float64) as entity_fav_score

    from favs

    cross join as_of
    inner join tweet_topics on favs.tweet_id = tweet_topics.tweet_id

    group by favs.user_id, tweet_topics.topic_id
)

select * from topic_favs
