{{ config(materialized = 'view') }}
{# A view, because people ask for one explanation at a time. #}

with

candidates as (select candidate_type, consumer_id, producer_id, candidate_rank, candidate_score from {{ ref('producer_candidates') }}),
lookups as (
    select candidate_type, consumer_id, list_kind, list_group, list_id, lookup_weight
    from {{ ref('int_producer_candidate_lookups') }}
),
lists as (select list_group, list_id, producer_id, producer_weight from {{ ref('int_producer_candidate_lists') }}),
clusters as (select cluster_id, cluster_name from {{ ref('clusters') }}),
producers as (select producer_id, screen_name from {{ ref('producers') }}),

named_lists as (
    select
        'producer' as list_kind,
        producer_id as list_id,
        {{ dbt.concat(["'followers of '", "coalesce(screen_name, cast(producer_id as string))"]) }} as list_name

    from producers
),

{{ candidate_explanations(
    'producer_id', 'candidate_score', lookup_weight='interest_weight', item_weight='producer_weight', named_lists='named_lists',
    default_name="'follows you'"
) }}

select * from explanations
