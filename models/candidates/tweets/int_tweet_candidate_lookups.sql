{{ config(materialized = 'view') }}
{# A view, because what is asked for stands in tables, and one scale per consumer and kind of list gives the weights. #}

with

asked_lists as (
    select candidate_type, consumer_id, list_kind, list_group, list_id, asked_weight
    from {{ ref('int_tweet_asked_lists') }}
),
scales as (select list_group, consumer_id, lookup_scale from {{ ref('int_tweet_lookup_scales') }}),

{{ scaled_lookups() }}

select * from lookups
