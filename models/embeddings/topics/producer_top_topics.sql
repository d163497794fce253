{{ config(
    materialized = 'kernel_table' if runs_kernel('products') else 'bucketed_table',
    cluster_by = ['producer_id', 'consumer_language', 'topic_rank']
) }}
{{ read_by_kernel('products', ['table_limits', 'int_followed_topics', 'int_topic_followers', 'int_topic_followings']) }}

{% set in_place = ['producer_id', 'audience_number'] %}
{% set own_share %}
own_topics.follower_weight * (1 + own_sums.background_sum) / nullif(own_sums.weight_sum, 0) - own_topics.background_share
{%- endset %}

{# The topics of a producer are sorted twice; buckets keep them in memory. #}
{{ buckets_by_rows(sql_alone('products', 'int_topic_producer_followers'), 'producer_id') }}

with

common_followers as (
    select topic_id, consumer_language, consumer_country, producer_id, common_follower_weight
    from {{ sql_alone('products', 'int_topic_producer_followers') }} where {{ bucket_filter('producer_id') }}
),
followed_topics as (
    select
        topic_id, consumer_language, consumer_country, topic_number, audience_number, topic_follower_weight, all_topics_follower_weight
    from {{ ref('int_followed_topics') }}
),
limits as (select items_per_group, background_share from {{ ref('table_limits') }} where table_name = 'producer_top_topics'),

topics_with_background as (
    select
        common_followers.producer_id,
        followed_topics.audience_number,
        followed_topics.topic_number,
        common_followers.common_follower_weight as follower_weight,
        limits.background_share / (1 - limits.background_share)
        * followed_topics.topic_follower_weight / nullif(followed_topics.all_topics_follower_weight, 0) as background_share

    from common_followers

    inner join followed_topics
        on common_followers.topic_id = followed_topics.topic_id
            and common_followers.consumer_language = followed_topics.consumer_language
            and common_followers.consumer_country = followed_topics.consumer_country

    cross join limits
),

{# Topics that are followed more here than everywhere are the producer's own. Of one audience, numbers are in the order of the topics. #}
running_sums as (
    select
        producer_id,
        audience_number,
        topic_number,
        follower_weight,
        background_share,
        sum(follower_weight) over (own_first rows unbounded preceding) as follower_weight_so_far,
        sum(background_share) over (own_first rows unbounded preceding) as background_share_so_far

    from topics_with_background

    window own_first as ({{ ordered_per(in_place, 'follower_weight / background_share', 'topic_number') }})
),

{# A topic belongs to the producer while it and the topics before it leave it a positive share. #}
own_topics as (
    select
        producer_id, audience_number, topic_number, follower_weight, background_share, follower_weight_so_far, background_share_so_far

    from running_sums

    where follower_weight * (1 + background_share_so_far) > background_share * follower_weight_so_far
),

{# Own topics come first, so their sums are the last ones so far. #}
own_sums as (
    select producer_id, audience_number, max(follower_weight_so_far) as weight_sum, max(background_share_so_far) as background_sum
    from own_topics group by producer_id, audience_number
),

topic_shares as (
    select
        own_topics.producer_id,
        own_topics.audience_number,
        own_topics.topic_number,
        cast({{ rounded_score(own_share) }} as float64) as producer_topic_share

    from own_topics

    inner join own_sums
        on own_topics.producer_id = own_sums.producer_id
            and own_topics.audience_number = own_sums.audience_number
),

kept_topics as (
    select
        producer_id,
        topic_number,
        {{ rank_per(in_place, 'producer_topic_share', 'topic_number') }} as topic_rank,
        producer_topic_share

    from topic_shares

    qualify topic_rank <= (select limits.items_per_group from limits)
),

named_topics as (
    select
        kept_topics.producer_id, followed_topics.consumer_language, followed_topics.consumer_country, followed_topics.topic_id,
        kept_topics.topic_rank, kept_topics.producer_topic_share

    from kept_topics

    inner join followed_topics on kept_topics.topic_number = followed_topics.topic_number
)

select * from named_topics
