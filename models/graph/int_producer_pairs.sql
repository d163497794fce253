{{ config(materialized = 'bucketed_table', meta = {'rows_per_bucket': var('rows_per_bucket')}) }}

{% set similarity_floor = var('similarity_floor') %}

{# Each follow of a producer meets every other follow of the same consumer. #}
{% call bucket_sizes() %}
select
    follows.producer_id as bucket_key,
    sum(consumers.follow_count) as row_count

from {{ ref('int_eligible_follows') }} as follows

inner join (
    select
        consumer_id,
        count(*) as follow_count

    from {{ ref('int_eligible_follows') }}

    group by consumer_id
) as consumers
    on follows.consumer_id = consumers.consumer_id

group by follows.producer_id
{% endcall %}

with

follows as (

    select
        consumer_id,
        producer_id

    from {{ ref('int_eligible_follows') }}

),

follower_counts as (

    select
        producer_id,
        count(*) as follower_count

    from follows

    group by producer_id

),

{# Each pair once, the smaller id first. #}
followers_in_common as (

    select
        left_follow.producer_id,
        right_follow.producer_id as neighbor_producer_id,
        count(*) as common_follower_count

    from follows as left_follow

    inner join follows as right_follow
        on left_follow.consumer_id = right_follow.consumer_id
            and left_follow.producer_id < right_follow.producer_id

    where {{ bucket_filter('left_follow.producer_id') }}

    group by
        left_follow.producer_id,
        right_follow.producer_id

),

scored_pairs as (

    select
        pairs.producer_id,
        pairs.neighbor_producer_id,
        pairs.common_follower_count,
        pairs.common_follower_count
        / nullif(
            sqrt(cast(left_counts.follower_count as float64) * cast(right_counts.follower_count as float64)), 0
        ) as cosine_similarity

    from followers_in_common as pairs

    inner join follower_counts as left_counts
        on pairs.producer_id = left_counts.producer_id

    inner join follower_counts as right_counts
        on pairs.neighbor_producer_id = right_counts.producer_id

),

similar_pairs as (

    select
        producer_id,
        neighbor_producer_id,
        common_follower_count,
        cosine_similarity

    from scored_pairs

    where {{ rounded_score('cosine_similarity') }} >= {{ similarity_floor }}

)

select * from similar_pairs
