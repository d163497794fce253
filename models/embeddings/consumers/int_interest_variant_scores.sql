{{ config(materialized = 'view') }}

with

engine_rows as (
    select
        interest_type, consumer_id, cluster_id, cluster_rank,
        {{ interest_scores() | join(', ') }}, followed_producer_count, faved_producer_count
    from {{ ref('int_interest_variant_scores_' ~ engine_of('products')) }}
)

select * from engine_rows
