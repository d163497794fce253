{# Changes of these kinds since the run before that concern more than a share of the producers. #}
{% macro large_producer_changes(change_kinds, largest_share) %}
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
        and change_kind in ('{{ change_kinds | join("', '") }}')
        and producer_share > {{ largest_share }}

)

select * from large_changes
{% endmacro %}
