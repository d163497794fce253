{{ config(cluster_by = 'producer_position') }}
{% set follower_cap = var('similarity_follower_cap') %}

with

follows as (

    select
        consumer_id,
        producer_id

    from {{ ref('int_eligible_follows') }}

),

producers as (

    select
        producer_id,
        producer_position,
        follower_count

    from {{ ref('int_similarity_producers') }}

),

positioned_follows as (

    select
        follows.consumer_id,
        producers.producer_position,
        producers.follower_count

    from follows

    inner join producers
        on follows.producer_id = producers.producer_id

),

{% if follower_cap > 0 -%}
{{ consumer_hash_steps('hashed_follows', 'positioned_follows') }},

{# consumer_hash / 2^31 < follower_cap / follower_count, in integers. One hash for all producers, so that two hubs keep the same consumers. #}
sampled_follows as (

    select
        consumer_id,
        producer_position

    from hashed_follows

    where follower_count <= {{ follower_cap }}
        or consumer_hash * follower_count < {{ follower_cap }} * 2147483648

)

select * from sampled_follows
{%- else -%}
all_follows as (

    select
        consumer_id,
        producer_position

    from positioned_follows

)

select * from all_follows
{%- endif %}
{{ stored_in_order(['producer_position', 'consumer_id']) }}
