{{ config(cluster_by = ['producer_id']) }}
{# Far above the ids of communities, so that one column can hold both. #}
{% set first_fine_id = 1000000000 %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),
fine_communities as (select as_of, producer_id, cluster_id from {{ ref('int_fine_communities') }}),
known_for as (select producer_id, cluster_id from {{ ref('known_for_before_opt_outs') }}),

fine_members as (
    select
        fine_communities.producer_id,
        {{ first_fine_id }} + fine_communities.cluster_id as cluster_id,
        known_for.cluster_id as parent_cluster_id

    from fine_communities

    inner join as_of on fine_communities.as_of = as_of.as_of
    inner join known_for on fine_communities.producer_id = known_for.producer_id
)

select * from fine_members
