{{ config(cluster_by = 'producer_position') }}

with

follows as (select consumer_id, producer_id from {{ ref('int_eligible_follows') }}),
producers as (select producer_id, producer_position, follower_count, follower_cap from {{ ref('int_similarity_producers') }}),

positioned_follows as (
    select follows.consumer_id, producers.producer_position, producers.follower_count, producers.follower_cap

    from follows

    inner join producers on follows.producer_id = producers.producer_id
),

{{ consumer_hash_steps('hashed_follows', 'positioned_follows') }},

{# consumer_hash / 2^31 < follower_cap / follower_count, in integers. One hash serves all producers, so two hubs keep the same consumers. #}
sampled_follows as (
    select consumer_id, producer_position

    from hashed_follows

    where follower_cap = 0
        or follower_count <= follower_cap
        or consumer_hash * follower_count < follower_cap * 2147483648
)

select * from sampled_follows

{{ stored_in_order(['producer_position', 'consumer_id']) }}
