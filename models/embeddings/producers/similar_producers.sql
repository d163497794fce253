{{ config(materialized = 'view') }}
{# A view, because another copy of what the engine found would cost more than making it. #}

with

{{ rows_of_engine(
    'products', 'int_similar_producers', recipe=['embedding_type'], row='producer_id', item='similar_producer_id', rank='producer_rank',
    of_pairs={'producer_similarity': 'float64'}
) }}

select * from engine_rows
