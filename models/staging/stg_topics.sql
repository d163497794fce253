{# A table, because it looks for topic ids in every row of three others. #}
{{ config(materialized = 'table') }}

with

accepted_topics as (select topic_id, topic_name from {{ ref('base_topics') }} where rejection_reason is null),
tweet_topics as (select topic_id from {{ ref('stg_tweet_topics') }}),
topic_follows as (select topic_id from {{ ref('stg_topic_follows') }}),
opt_outs as (select topic_id from {{ ref('stg_opt_outs') }}),
text_ids as (select topic_id, topic_key from {{ ref('topic_ids') }}),

all_topic_ids as (
    select topic_id from accepted_topics

    union distinct

    select topic_id from tweet_topics

    union distinct

    select topic_id from topic_follows

    union distinct

    select topic_id from opt_outs
),

named_topics as (
    select
        all_topic_ids.topic_id,
        coalesce(
            accepted_topics.topic_name,
            text_ids.topic_key,
            concat('topic ', cast(all_topic_ids.topic_id as string))
        ) as topic_name,
        coalesce(accepted_topics.topic_name, text_ids.topic_key) is not null as is_named

    from all_topic_ids

    left join accepted_topics on all_topic_ids.topic_id = accepted_topics.topic_id
    left join text_ids on all_topic_ids.topic_id = text_ids.topic_id
)

select * from named_topics
