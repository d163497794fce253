{{ config(
    enabled = engine_of('similarity') == 'sql',
    materialized = 'bucketed_table'
) }}
{% set similarity_floor = var('similarity_floor') %}

{# A follow meets the consumer's follows of less popular producers: about the share of all follows that comes later in the order. #}
{% set follows %}
(
    select follows.consumer_id, follows.producer_position, producers.later_share

    from {{ ref('int_similarity_follows') }} as follows

    inner join (
        select
            producer_position,
            1.0 - sum(follower_count) over (order by producer_position) / sum(follower_count) over () as later_share

        from {{ ref('int_similarity_producers') }}
    ) as producers
        on follows.producer_position = producers.producer_position
)
{% endset %}
{{ buckets_by_join(follows, 'producer_position', ref('int_similarity_follows'), on=['consumer_id'], rows_each='later_share') }}

with

follows as (select consumer_id, producer_position from {{ ref('int_similarity_follows') }}),
producers as (select producer_id, producer_position, follower_count, sampled_share from {{ ref('int_similarity_producers') }}),

{# Each pair once, with the more popular producer on the left. #}
followers_in_common as (
    select
        left_follow.producer_position,
        right_follow.producer_position as neighbor_position,
        count(*) as common_follower_count

    from follows as left_follow

    inner join follows as right_follow
        on left_follow.consumer_id = right_follow.consumer_id
            and left_follow.producer_position < right_follow.producer_position

    where {{ bucket_filter('left_follow.producer_position') }}

    group by left_follow.producer_position, right_follow.producer_position
),

{# Both producers sampled the same consumers, at the smaller of their shares. Dividing by that share estimates the count without bias. #}
scored_pairs as (
    select
        least(left_producers.producer_id, right_producers.producer_id) as producer_id,
        greatest(left_producers.producer_id, right_producers.producer_id) as neighbor_producer_id,
        pairs.common_follower_count
        / least(left_producers.sampled_share, right_producers.sampled_share) as common_follower_count,
        pairs.common_follower_count
        / (
            least(left_producers.sampled_share, right_producers.sampled_share)
            * sqrt(cast(left_producers.follower_count as float64) * right_producers.follower_count)
        ) as cosine_similarity

    from followers_in_common as pairs

    inner join producers as left_producers on pairs.producer_position = left_producers.producer_position
    inner join producers as right_producers on pairs.neighbor_position = right_producers.producer_position
),

{# An estimate can exceed what the smaller of two sets allows. #}
similar_pairs as (
    select
        producer_id,
        neighbor_producer_id,
        cast(round(common_follower_count) as int64) as common_follower_count,
        case when cosine_similarity < 1 then cosine_similarity else 1.0 end as cosine_similarity

    from scored_pairs

    where {{ rounded_score('cosine_similarity') }} >= {{ similarity_floor }}
)

select * from similar_pairs
