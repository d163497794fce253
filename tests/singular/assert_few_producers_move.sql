{{ config(severity = 'warn') }}

with

changes as (

    select
        as_of,
        change_kind,
        producer_count,
        producer_share,
        dense_rank() over (order by as_of desc) as run_rank

    from {{ ref('known_for_changes') }}

),

large_changes as (

    select
        as_of,
        change_kind,
        producer_count,
        producer_share

    from changes

    where run_rank = 1
        and change_kind = 'moved'
        and producer_share > {{ var('warn_moved_share') }}

)

select * from large_changes
