{{ config(materialized = 'view') }}
{# A view, because another copy of what the engine found would cost more than making it. #}

with

{{ rows_of_engine(
    'products', 'int_tweet_candidates', recipe=['candidate_type'], row='consumer_id', item='tweet_id', rank='candidate_rank',
    of_pairs={'dot_product': 'float64'}, of_items=['squared_norm']
) }}

select * from engine_rows
