{{ config(materialized = 'view') }}
{# A view, because another copy of what the engine found would cost more than making it. #}

with

engine_rows as (
    select source_kind, config_name, source_id, tweet_id, candidate_rank, cluster_count, dot_product, ann_score
    from {{ ref('int_ann_candidates_' ~ engine_of('products')) }}
)

select * from engine_rows
