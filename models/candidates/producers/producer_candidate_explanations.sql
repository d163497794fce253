{{ config(materialized = 'view') }}
{# A view, because people ask for one explanation at a time. #}

with

candidates as (select candidate_type, consumer_id, producer_id, candidate_rank, candidate_score from {{ ref('producer_candidates') }}),
interests as (select candidate_type, consumer_id, cluster_id, interest_weight from {{ ref('int_producer_candidate_interests') }}),
item_weights as (select candidate_type, cluster_id, producer_id, producer_weight from {{ ref('int_producer_candidate_weights') }}),
clusters as (select cluster_id, cluster_name from {{ ref('clusters') }}),

{{ candidate_explanations('producer_id', 'candidate_score', interest_weight='interest_weight', item_weight='producer_weight') }}

select * from explanations
