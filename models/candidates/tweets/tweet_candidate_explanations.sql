{{ config(materialized = 'view') }}
{# A view, because people ask for one explanation at a time. #}

with

candidates as (select candidate_type, consumer_id, tweet_id, candidate_rank, dot_product from {{ ref('tweet_candidates') }}),
interests as (select candidate_type, consumer_id, cluster_id, interested_in_score from {{ ref('int_tweet_candidate_interests') }}),
item_weights as (select candidate_type, cluster_id, tweet_id, tweet_score from {{ ref('int_tweet_candidate_lists') }}),
clusters as (select cluster_id, cluster_name from {{ ref('clusters') }}),

{{ candidate_explanations('tweet_id', 'dot_product', interest_weight='interested_in_score', item_weight='tweet_score') }}

select * from explanations
