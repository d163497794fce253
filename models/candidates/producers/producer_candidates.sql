{{ config(materialized = 'view') }}
{# A view, because another copy of what the engine found would cost more than making it. #}

with

{{ rows_of_engine(
    'products', 'int_producer_candidates', recipe=['candidate_type'], row='consumer_id', item='producer_id', rank='candidate_rank',
    of_pairs={'cluster_count': 'int64', 'neighbor_count': 'int64', 'candidate_score': 'float64'}
) }}

select * from engine_rows
