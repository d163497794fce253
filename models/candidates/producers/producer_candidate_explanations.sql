{{ config(materialized = 'view') }}
{# A view, because people ask for one explanation at a time. #}

with

candidates as (select candidate_type, consumer_id, producer_id, candidate_rank, candidate_score from {{ ref('producer_candidates') }}),
lookups as (select candidate_type, consumer_id, list_kind, list_id, lookup_weight from {{ ref('int_producer_candidate_lookups') }}),
lists as (select candidate_type, list_kind, list_id, producer_id, producer_weight from {{ ref('int_producer_candidate_lists') }}),
clusters as (select cluster_id, cluster_name from {{ ref('clusters') }}),
producers as (select producer_id, screen_name from {{ ref('producers') }}),

explanations as (
    select
        candidates.candidate_type,
        candidates.consumer_id,
        candidates.producer_id,
        candidates.candidate_rank,
        lookups.list_kind,
        lookups.list_id,
        case when lookups.list_kind = 'cluster' then lookups.list_id end as cluster_id,
        clusters.cluster_name,
        case
            when lookups.list_kind = 'cluster' then clusters.cluster_name
            when lookups.list_kind = 'follower' then 'follows you'
            else {{ dbt.concat(["'followers of '", "coalesce(producers.screen_name, cast(lookups.list_id as string))"]) }}
        end as because_of,
        lookups.lookup_weight as interest_weight,
        lists.producer_weight,
        lookups.lookup_weight * lists.producer_weight / nullif(candidates.candidate_score, 0) as contribution_share

    from candidates

    inner join lookups
        on candidates.candidate_type = lookups.candidate_type
            and candidates.consumer_id = lookups.consumer_id

    inner join lists
        on candidates.candidate_type = lists.candidate_type
            and candidates.producer_id = lists.producer_id
            and lookups.list_kind = lists.list_kind
            and lookups.list_id = lists.list_id

    left join clusters
        on lookups.list_id = clusters.cluster_id
            and lookups.list_kind = 'cluster'

    left join producers
        on lookups.list_id = producers.producer_id
            and lookups.list_kind = 'producer'
)

select * from explanations
