{{ config(materialized = 'view') }}
{# A view, because people ask for one explanation at a time. #}

with

candidates as (select candidate_type, consumer_id, producer_id, candidate_rank, candidate_score from {{ ref('producer_candidates') }}),
lookups as (
    select candidate_type, consumer_id, list_kind, list_group, list_id, lookup_weight
    from {{ ref('int_producer_candidate_lookups') }}
),
lists as (select list_group, list_id, producer_id, producer_weight from {{ ref('int_producer_candidate_lists') }}),
clusters as (
    select cluster_id, cluster_name, cluster_name as because_of from {{ ref('clusters') }}
    union all
    select
        cluster_id, parent_cluster_name as cluster_name,
        coalesce({{ dbt.concat(['parent_cluster_name', "', '", 'cluster_name']) }}, cluster_name) as because_of
    from {{ ref('fine_clusters') }}
),
producers as (select producer_id, screen_name from {{ ref('producers') }}),

named_lookups as (
    select
        lookups.candidate_type,
        lookups.consumer_id,
        lookups.list_kind,
        lookups.list_group,
        lookups.list_id,
        lookups.lookup_weight,
        clusters.cluster_name,
        case
            when lookups.list_kind = 'cluster' then clusters.because_of
            when lookups.list_kind = 'producer'
                then {{ dbt.concat(["'followers of '", "coalesce(producers.screen_name, cast(lookups.list_id as string))"]) }}
            else 'follows you'
        end as because_of

    from lookups

    left join clusters
        on lookups.list_id = clusters.cluster_id
            and lookups.list_kind = 'cluster'

    left join producers
        on lookups.list_id = producers.producer_id
            and lookups.list_kind = 'producer'
),

{{ candidate_explanations('producer_id', 'candidate_score', lookup_weight='interest_weight', item_weight='producer_weight') }}

select * from explanations
