{{ config(materialized = 'view') }}

with

engine_rows as (
    select preference, consumer_id, producer_position, producer_rank
    from {{ ref('int_co_follow_trial_hits_' ~ engine_of('similarity')) }}
)

select * from engine_rows
