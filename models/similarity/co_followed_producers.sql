{{ config(materialized = 'view') }}

with

engine_rows as (
    select producer_id, co_followed_producer_id, producer_rank, co_follow_score
    from {{ ref('int_co_followed_producers_' ~ engine_of('similarity')) }}
)

select * from engine_rows
