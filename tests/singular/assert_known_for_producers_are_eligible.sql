with

not_eligible as (
    select known_for.producer_id

    from {{ ref('known_for') }} as known_for

    left join {{ ref('producers') }} as producers
        on known_for.producer_id = producers.producer_id

    where not coalesce(producers.is_eligible, false)
)

select * from not_eligible
