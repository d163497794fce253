{% set follower_cap = var('similarity_follower_cap') %}

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

{# Small numbers, the most followed first: they group faster than ids, and the rows of a pair's hub lie together. #}
positioned_producers as (

    select
        producer_id,
        row_number() over (order by follower_count desc, producer_id asc) as producer_position,
        follower_count,
        {% if follower_cap > 0 -%}
        case
            when follower_count > {{ follower_cap }} then {{ follower_cap }} / cast(follower_count as float64)
            else 1.0
        end
        {%- else -%}
        1.0
        {%- endif %} as sampled_share

    from follower_counts

),

similarity_producers as (

    select
        producer_id,
        producer_position,
        follower_count,
        cast(sampled_share as float64) as sampled_share

    from positioned_producers

)

select * from similarity_producers
