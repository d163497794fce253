with

history as (select as_of, producer_id, cluster_id, known_for_score from {{ ref('known_for_history') }}),
distinct_runs as (select distinct as_of from history),

{# Each run beside the one before it. #}
consecutive_runs as (
    select
        as_of,
        lag(as_of) over (order by as_of) as previous_as_of

    from distinct_runs

    qualify previous_as_of is not null
),

run_ends as (
    select as_of, previous_as_of, as_of as end_as_of from consecutive_runs
    union all
    select as_of, previous_as_of, previous_as_of as end_as_of from consecutive_runs
),

cluster_sizes as (
    select
        as_of,
        cluster_id,
        count(*) as producer_count,
        count(*) = count(known_for_score) as is_scored,
        sum(known_for_score * known_for_score) as squared_norm

    from history

    group by as_of, cluster_id
),

common_members as (
    select
        runs.as_of,
        current_members.cluster_id,
        count(*) as common_producer_count,
        sum(current_members.known_for_score * previous_members.known_for_score) as score_product

    from consecutive_runs as runs

    inner join history as current_members on runs.as_of = current_members.as_of

    inner join history as previous_members
        on runs.previous_as_of = previous_members.as_of
            and current_members.producer_id = previous_members.producer_id
            and current_members.cluster_id = previous_members.cluster_id

    group by runs.as_of, current_members.cluster_id
),

either_sizes as (
    select
        runs.as_of,
        runs.previous_as_of,
        sizes.cluster_id,
        max(case when sizes.as_of = runs.as_of then sizes.producer_count else 0 end) as producer_count,
        max(case when sizes.as_of = runs.previous_as_of then sizes.producer_count else 0 end) as previous_producer_count,
        min(case when sizes.is_scored then 1 else 0 end) = 1 as is_scored,
        sqrt(
            max(case when sizes.as_of = runs.as_of then sizes.squared_norm end)
            * max(case when sizes.as_of = runs.previous_as_of then sizes.squared_norm end)
        ) as norm_product

    from run_ends as runs

    inner join cluster_sizes as sizes on runs.end_as_of = sizes.as_of

    group by runs.as_of, runs.previous_as_of, sizes.cluster_id
),

stability as (
    select
        either_sizes.as_of,
        either_sizes.previous_as_of,
        either_sizes.cluster_id,
        either_sizes.producer_count,
        either_sizes.previous_producer_count,
        coalesce(common_members.common_producer_count, 0) as common_producer_count,
        coalesce(
            common_members.common_producer_count
            / nullif(
                sqrt(cast(either_sizes.producer_count as float64) * cast(either_sizes.previous_producer_count as float64)), 0
            ), 0.0
        ) as member_cosine_similarity,
        case
            when either_sizes.is_scored
                then least(coalesce(common_members.score_product / nullif(either_sizes.norm_product, 0), 0.0), 1.0)
        end as score_cosine_similarity

    from either_sizes

    left join common_members
        on either_sizes.as_of = common_members.as_of
            and either_sizes.cluster_id = common_members.cluster_id
)

select * from stability
