{% macro large_producer_changes(change_kinds, threshold) %}
with

thresholds as (select {{ threshold }} from {{ ref('warning_thresholds') }}),

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
    select as_of, change_kind, producer_count, producer_share

    from changes

    where run_rank = 1
        and change_kind in ('{{ change_kinds | join("', '") }}')
        and producer_share > (select thresholds.{{ threshold }} from thresholds)
)

select * from large_changes
{% endmacro %}
