{{ config(materialized = 'view') }}
{# A view, because people ask for one explanation at a time. #}

with

candidates as (select candidate_type, consumer_id, producer_id, candidate_rank, candidate_score from {{ ref('producer_candidates') }}),
interests as (select candidate_type, consumer_id, cluster_id, interest_weight from {{ ref('int_producer_candidate_interests') }}),
producer_weights as (select candidate_type, cluster_id, producer_id, producer_weight from {{ ref('int_producer_candidate_weights') }}),
clusters as (select cluster_id, cluster_name from {{ ref('clusters') }}),

explanations as (

    select
        candidates.candidate_type,
        candidates.consumer_id,
        candidates.producer_id,
        candidates.candidate_rank,
        interests.cluster_id,
        clusters.cluster_name,
        interests.interest_weight,
        producer_weights.producer_weight,
        interests.interest_weight * producer_weights.producer_weight / nullif(candidates.candidate_score, 0) as contribution_share

    from candidates

    inner join interests
        on candidates.candidate_type = interests.candidate_type
            and candidates.consumer_id = interests.consumer_id

    inner join producer_weights
        on candidates.candidate_type = producer_weights.candidate_type
            and candidates.producer_id = producer_weights.producer_id
            and interests.cluster_id = producer_weights.cluster_id

    left join clusters
        on interests.cluster_id = clusters.cluster_id

)

select * from explanations
