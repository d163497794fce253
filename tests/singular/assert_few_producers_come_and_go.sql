{{ config(severity = 'warn') }}

{# Producers whom no earlier run knows: a day with other ids, or half of the input. #}
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
        and change_kind in ('joined', 'left')
        and producer_share > {{ var('warn_turnover_share') }}

)

select * from large_changes
