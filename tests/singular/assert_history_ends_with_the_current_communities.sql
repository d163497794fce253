with

as_of as (select as_of from {{ ref('stg_as_of') }}),

current_history as (
    select history.producer_id, history.cluster_id

    from {{ ref('known_for_history') }} as history

    inner join as_of on history.as_of = as_of.as_of
),

differences as (
    select
        coalesce(known_for.producer_id, current_history.producer_id) as producer_id,
        known_for.cluster_id,
        current_history.cluster_id as cluster_id_in_history

    from {{ ref('known_for_before_opt_outs') }} as known_for

    full outer join current_history on known_for.producer_id = current_history.producer_id

    where known_for.cluster_id is null
        or current_history.cluster_id is null
        or current_history.cluster_id <> known_for.cluster_id
)

select * from differences
