{{ config(materialized = 'view') }}
{# A view, because another copy of what the engine found would cost more than making it. #}

with

{{ rows_of_engine(
    'products', 'int_ann_candidates', recipe=['source_kind', 'config_name'], row='source_id', item='tweet_id', rank='candidate_rank',
    of_pairs={'cluster_count': 'int64', 'dot_product': 'float64', 'ann_score': 'float64'}
) }}

select * from engine_rows
