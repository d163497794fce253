{% set follower_cap = var('similarity_follower_cap') %}

with

follows as (select consumer_id, producer_id from {{ ref('int_eligible_follows') }}),
limits as (select maximum_exact_pairs, sampled_followers from {{ ref('similarity_limits') }}),
follower_counts as (select producer_id, count(*) as follower_count from follows group by producer_id),
follows_per_consumer as (select consumer_id, count(*) as follow_count from follows group by consumer_id),

{# The cap of this run; 0 is none. The cost of the exact join decides. #}
chosen_cap as (
    select
        {% if follower_cap == 'auto' -%}
            case
                when sum(follow_count * (follow_count - 1) / 2) > (select limits.maximum_exact_pairs from limits)
                    then (select limits.sampled_followers from limits)
                else 0
            end
        {%- else -%}
            {{ follower_cap }}
        {%- endif %} as follower_cap
    {%- if follower_cap == 'auto' %}

        from follows_per_consumer
    {%- endif %}
),

{# Small numbers group faster than ids. With the most followed first, the rows of a pair's hub lie together. #}
similarity_producers as (
    select
        follower_counts.producer_id,
        row_number() over (order by follower_counts.follower_count desc, follower_counts.producer_id asc) as producer_position,
        follower_counts.follower_count,
        cast(chosen_cap.follower_cap as int64) as follower_cap,
        cast(case
            when chosen_cap.follower_cap > 0 and follower_counts.follower_count > chosen_cap.follower_cap
                then chosen_cap.follower_cap / cast(follower_counts.follower_count as float64)
            else 1.0
        end as float64) as sampled_share

    from follower_counts

    cross join chosen_cap
)

select * from similarity_producers
