{{ config(
    materialized = 'bucketed_table',
    cluster_by = ['producer_id', 'consumer_language', 'topic_rank'],
    meta = {'rows_per_bucket': var('rows_per_bucket')}
) }}

{% set minimum_topic_followers = var('minimum_topic_followers') %}

{# The topics of a producer are sorted several times; buckets keep them in memory. #}
{{ buckets_by_rows(ref('int_topic_producer_followers'), 'producer_id') }}

with

topic_followers as (
    select topic_id, consumer_language, consumer_country, sum(topic_weight) as topic_follower_weight
    from {{ ref('int_topic_consumers') }} where topic_source = 'read_languages'
    group by topic_id, consumer_language, consumer_country
    having {{ rounded_score('sum(topic_weight)') }} >= {{ minimum_topic_followers }}
),
common_followers as (
    select topic_id, consumer_language, consumer_country, producer_id, common_follower_weight
    from {{ ref('int_topic_producer_followers') }} where {{ bucket_filter('producer_id') }}
),
limits as (select items_per_group, background_share from {{ ref('table_limits') }} where table_name = 'producer_top_topics'),

background as (
    select
        topic_id,
        consumer_language,
        consumer_country,
        (select limits.background_share / (1 - limits.background_share) from limits) * topic_follower_weight
        / sum(topic_follower_weight) over (partition by consumer_language, consumer_country) as background_share

    from topic_followers
),

{# Topics that are followed more here than everywhere are the producer's own. #}
ordered_topics as (
    select
        common_followers.producer_id,
        common_followers.consumer_language,
        common_followers.consumer_country,
        common_followers.topic_id,
        common_followers.common_follower_weight as follower_weight,
        background.background_share,
        row_number() over (
            partition by common_followers.producer_id, common_followers.consumer_language, common_followers.consumer_country
            order by
                {{ rounded_score('common_followers.common_follower_weight / background.background_share') }} desc,
                common_followers.topic_id
        ) as own_order

    from common_followers

    inner join background
        on common_followers.topic_id = background.topic_id
            and common_followers.consumer_language = background.consumer_language
            and common_followers.consumer_country = background.consumer_country
),

{# A topic belongs to the producer while it and the topics before it leave it a positive share. #}
own_topics as (
    select
        producer_id,
        consumer_language,
        consumer_country,
        topic_id,
        follower_weight,
        background_share,
        sum(follower_weight) over (
            partition by producer_id, consumer_language, consumer_country
            order by own_order
            rows between unbounded preceding and current row
        ) as weight_so_far,
        sum(background_share) over (
            partition by producer_id, consumer_language, consumer_country
            order by own_order
            rows between unbounded preceding and current row
        ) as background_share_so_far

    from ordered_topics

    qualify follower_weight * (1 + background_share_so_far) > background_share * weight_so_far
),

topic_shares as (
    select
        producer_id,
        consumer_language,
        consumer_country,
        topic_id,
        follower_weight * (1 + sum(background_share) over (partition by producer_id, consumer_language, consumer_country))
        / nullif(sum(follower_weight) over (partition by producer_id, consumer_language, consumer_country), 0)
        - background_share as producer_topic_share

    from own_topics
),

kept_topics as (
    select
        producer_id,
        consumer_language,
        consumer_country,
        topic_id,
        {{ rank_per(['producer_id', 'consumer_language', 'consumer_country'], 'producer_topic_share', 'topic_id') }} as topic_rank,
        producer_topic_share

    from topic_shares

    qualify topic_rank <= (select limits.items_per_group from limits)
)

select * from kept_topics
