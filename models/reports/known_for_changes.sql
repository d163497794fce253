with

history as (select as_of, producer_id, cluster_id from {{ ref('known_for_history') }}),
distinct_runs as (select distinct as_of from history),

consecutive_runs as (
    select
        as_of,
        lag(as_of) over (order by as_of) as previous_as_of

    from distinct_runs
),

{# A union and a group by replace a full join on two keys of three tables. #}
sides as (
    select
        runs.as_of,
        runs.previous_as_of,
        history.producer_id,
        history.cluster_id,
        cast(null as int64) as previous_cluster_id

    from consecutive_runs as runs

    inner join history on runs.as_of = history.as_of

    where runs.previous_as_of is not null

    union all

    select
        runs.as_of,
        runs.previous_as_of,
        history.producer_id,
        cast(null as int64) as cluster_id,
        history.cluster_id as previous_cluster_id

    from consecutive_runs as runs

    inner join history on runs.previous_as_of = history.as_of
),

producer_pairs as (
    select
        as_of,
        previous_as_of,
        producer_id,
        max(cluster_id) as cluster_id,
        max(previous_cluster_id) as previous_cluster_id

    from sides

    group by as_of, previous_as_of, producer_id
),

changes as (
    select
        as_of,
        previous_as_of,
        case
            when previous_cluster_id is null then 'joined'
            when cluster_id is null then 'left'
            when cluster_id = previous_cluster_id then 'stayed'
            else 'moved'
        end as change_kind

    from producer_pairs
),

counted_changes as (
    select
        as_of,
        previous_as_of,
        change_kind,
        count(*) as producer_count,
        count(*) / sum(count(*)) over (partition by as_of) as producer_share

    from changes

    group by as_of, previous_as_of, change_kind
)

select * from counted_changes
