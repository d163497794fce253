{{ config(materialized = 'view') }}
{# A view, because another copy of what the engine found would cost more than making it. #}

with

engine_rows as (
    select candidate_type, consumer_id, tweet_id, candidate_rank, dot_product, squared_norm
    from {{ ref('int_tweet_candidates_' ~ engine_of('products')) }}
)

select * from engine_rows
