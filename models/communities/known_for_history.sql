{{ config(
    partition_by = partitioned_by_time('as_of'),
    cluster_by = 'producer_id'
) }}
{# Each run writes its own rows, because yesterday's scores cannot be computed from today's edges. #}
with

as_of as (select as_of from {{ ref('stg_as_of') }}),
known_for_before_opt_outs as (select producer_id, cluster_id, known_for_score from {{ ref('known_for_before_opt_outs') }}),

dated_producers as (
    select as_of.as_of, known_for.producer_id, known_for.cluster_id, known_for.known_for_score

    from known_for_before_opt_outs as known_for

    cross join as_of
)

select * from dated_producers
