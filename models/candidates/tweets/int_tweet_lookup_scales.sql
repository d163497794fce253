{{ config(cluster_by = ['list_group', 'consumer_id']) }}

with

recipes as (
    select
        row_number() over (order by candidate_type) as recipe_number, neighbor_share, author_share,
        neighbor_share > 0 or author_share > 0 as is_joined, is_for_comparison
    from {{ ref('candidate_recipes') }}
),
asked_lists as (select list_group, consumer_id, list_id, asked_weight from {{ ref('int_tweet_asked_lists') }}),
lists as (select list_group, list_id, tweet_score from {{ ref('int_tweet_candidate_lists') }}),

{{ lookup_scales('author_share', item_weight='tweet_score') }}

select * from kept_scales

{{ stored_in_order(['list_group', 'consumer_id']) }}
