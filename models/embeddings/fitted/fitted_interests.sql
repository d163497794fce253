{{ config(cluster_by = ['consumer_id', 'cluster_id']) }}

with

follows as (select consumer_id, producer_id from {{ ref('int_eligible_follows') }}),
coarse_members as (select producer_id, cluster_id from {{ ref('known_for_before_opt_outs') }}),
fine_members as (select producer_id, cluster_id, parent_cluster_id from {{ ref('fine_known_for') }}),

members as (
    select producer_id, cluster_id from coarse_members
    union all
    select producer_id, cluster_id from fine_members
),

opted_out_clusters as (select user_id, cluster_id from {{ ref('opted_out_clusters') }} where opt_out_kind = 'interested_in'),

{{ fitted_interests('interests') }},

fine_clusters as (select distinct cluster_id, parent_cluster_id from fine_members),

{# An opt-out leaves the others as they are. #}
kept_interests as (
    select
        interests.consumer_id,
        interests.cluster_id,
        {{ rank_per('interests.consumer_id', 'interests.interest_score', 'interests.cluster_id') }} as cluster_rank,
        cast({{ rounded_score('interests.interest_score') }} as float64) as interest_score

    from interests

    left join fine_clusters on interests.cluster_id = fine_clusters.cluster_id

    left join opted_out_clusters
        on interests.consumer_id = opted_out_clusters.user_id
            and coalesce(fine_clusters.parent_cluster_id, interests.cluster_id) = opted_out_clusters.cluster_id

    where opted_out_clusters.user_id is null
)

select * from kept_interests

{{ stored_in_order(['consumer_id', 'cluster_id']) }}
