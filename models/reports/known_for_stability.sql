with

history as (select as_of, producer_id, cluster_id, known_for_score from {{ ref('known_for_history') }}),
distinct_runs as (select distinct as_of from history),

{# Each run beside the one before it. #}
consecutive_runs as (

    select
        as_of,
        lag(as_of) over (order by as_of) as previous_as_of

    from distinct_runs

),

current_sizes as (

    select
        runs.as_of,
        runs.previous_as_of,
        history.cluster_id,
        count(*) as producer_count,
        count(history.known_for_score) as scored_count,
        sum(history.known_for_score * history.known_for_score) as squared_norm

    from consecutive_runs as runs

    inner join history
        on runs.as_of = history.as_of

    where runs.previous_as_of is not null

    group by runs.as_of, runs.previous_as_of, history.cluster_id

),

previous_sizes as (

    select
        runs.as_of,
        runs.previous_as_of,
        history.cluster_id,
        count(*) as producer_count,
        count(history.known_for_score) as scored_count,
        sum(history.known_for_score * history.known_for_score) as squared_norm

    from consecutive_runs as runs

    inner join history
        on runs.previous_as_of = history.as_of

    group by runs.as_of, runs.previous_as_of, history.cluster_id

),

common_members as (

    select
        runs.as_of,
        current_members.cluster_id,
        count(*) as common_producer_count,
        sum(current_members.known_for_score * previous_members.known_for_score) as score_product

    from consecutive_runs as runs

    inner join history as current_members
        on runs.as_of = current_members.as_of

    inner join history as previous_members
        on runs.previous_as_of = previous_members.as_of
            and current_members.producer_id = previous_members.producer_id
            and current_members.cluster_id = previous_members.cluster_id

    group by runs.as_of, current_members.cluster_id

),

either_sizes as (

    select
        coalesce(current_sizes.as_of, previous_sizes.as_of) as as_of,
        coalesce(current_sizes.previous_as_of, previous_sizes.previous_as_of) as previous_as_of,
        coalesce(current_sizes.cluster_id, previous_sizes.cluster_id) as cluster_id,
        coalesce(current_sizes.producer_count, 0) as producer_count,
        coalesce(previous_sizes.producer_count, 0) as previous_producer_count,
        coalesce(current_sizes.producer_count = current_sizes.scored_count, true)
        and coalesce(previous_sizes.producer_count = previous_sizes.scored_count, true) as is_scored,
        sqrt(current_sizes.squared_norm * previous_sizes.squared_norm) as norm_product

    from current_sizes

    full outer join previous_sizes
        on current_sizes.as_of = previous_sizes.as_of
            and current_sizes.cluster_id = previous_sizes.cluster_id

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
