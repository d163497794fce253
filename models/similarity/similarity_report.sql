with

follows as (select consumer_id, producer_id from {{ ref('stg_follows') }}),
eligible_producers as (select producer_id from {{ ref('producers') }} where is_eligible),
limits as (select maximum_follows_per_consumer from {{ ref('similarity_limits') }}),

{# Sampled already. #}
compared_follows as (select consumer_id from {{ ref('int_similarity_follows') }}),

{# The same in every row. #}
chosen_caps as (select coalesce(max(follower_cap), 0) as follower_cap from {{ ref('int_similarity_producers') }}),
consumers_in_comparison as (select consumer_id, count(*) as compared_follow_count from compared_follows group by consumer_id),

consumers as (
    select
        follows.consumer_id,
        count(*) as follow_count,
        sum(case when eligible_producers.producer_id is null then 0 else 1 end) as eligible_follow_count

    from follows

    left join eligible_producers on follows.producer_id = eligible_producers.producer_id

    group by follows.consumer_id
),

follows_per_consumer as (
    select
        consumers.follow_count - consumers.eligible_follow_count as follows_of_ineligible_producers,
        case
            when consumers.eligible_follow_count > limits.maximum_follows_per_consumer then consumers.eligible_follow_count else 0
        end as follows_of_heavy_consumers,
        case
            when consumers.eligible_follow_count > limits.maximum_follows_per_consumer then 0
            else consumers.eligible_follow_count - coalesce(consumers_in_comparison.compared_follow_count, 0)
        end as follows_left_out_by_sampling,
        coalesce(consumers_in_comparison.compared_follow_count, 0) as compared_follows,
        case
            when consumers.eligible_follow_count > limits.maximum_follows_per_consumer then 0
            else consumers.eligible_follow_count * (consumers.eligible_follow_count - 1) / 2
        end as exact_pairs

    from consumers

    cross join limits
    left join consumers_in_comparison on consumers.consumer_id = consumers_in_comparison.consumer_id
),

outcomes as (
    {% for outcome in [
        'compared_follows', 'follows_of_ineligible_producers', 'follows_of_heavy_consumers', 'follows_left_out_by_sampling'
    ] %}
        select
            '{{ outcome }}' as outcome,
            cast(coalesce(sum({{ outcome }}), 0) as int64) as follow_count,
            cast(coalesce(sum(case when {{ outcome }} > 0 then 1 else 0 end), 0) as int64) as consumer_count,
            cast(coalesce(sum(exact_pairs), 0) as int64) as exact_pair_count

        from follows_per_consumer

        {{ 'union all' if not loop.last }}

    {% endfor %}
),

similarity_report as (
    select
        outcomes.outcome,
        outcomes.follow_count,
        outcomes.consumer_count,
        outcomes.exact_pair_count,
        cast(chosen_caps.follower_cap as int64) as follower_cap

    from outcomes

    cross join chosen_caps
)

select * from similarity_report
