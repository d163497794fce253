{{ config(severity = 'warn', tags = 'daily') }}

with

thresholds as (select known_share from {{ ref('warning_thresholds') }}),

shares as (
    select
        sum(case when producers.is_eligible then 1 else 0 end) as eligible_producer_count,
        count(known_for.producer_id) as known_producer_count

    from {{ ref('producers') }} as producers

    left join {{ ref('known_for') }} as known_for
        on producers.producer_id = known_for.producer_id
),

too_few as (
    select eligible_producer_count, known_producer_count

    from shares

    where known_producer_count < eligible_producer_count * (select thresholds.known_share from thresholds)
)

select * from too_few
