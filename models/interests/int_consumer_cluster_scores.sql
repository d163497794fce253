{{ config(materialized = 'bucketed_table', meta = {'rows_per_bucket': var('rows_per_bucket')}) }}
{% set minimum_social_proof = var('minimum_social_proof') %}

{{ buckets_by_rows(ref('user_user_graph'), 'consumer_id') }}

with

user_user_graph as (
    select
        consumer_id, producer_id, is_followed, follow_score_producer_normalized, fav_score, fav_score_producer_normalized, log_fav_score,
        log_fav_score_producer_normalized
    from {{ ref('user_user_graph') }} where {{ bucket_filter('consumer_id') }}
),

known_for as (

    select
        producer_id,
        cluster_id,
        case when known_for_score > 0 then known_for_score else 0.0 end as known_for_score

    from {{ ref('known_for') }}

),

{# U = A V. A member with a score of 0 still counts as proof. #}
cluster_scores as (

    select
        graph.consumer_id,
        known_for.cluster_id,
        sum(case when graph.is_followed then known_for.known_for_score else 0.0 end) as follow_score,
        sum(graph.follow_score_producer_normalized * known_for.known_for_score) as follow_score_producer_normalized,
        sum(graph.fav_score * known_for.known_for_score) as fav_score,
        sum(graph.fav_score_producer_normalized * known_for.known_for_score) as fav_score_producer_normalized,
        sum(graph.log_fav_score * known_for.known_for_score) as log_fav_score,
        sum(graph.log_fav_score_producer_normalized * known_for.known_for_score) as log_fav_score_producer_normalized,
        sum(case when graph.is_followed then 1 else 0 end) as followed_producer_count,
        sum(case when graph.fav_score > 0 then 1 else 0 end) as faved_producer_count,
        sum(case when graph.is_followed or graph.fav_score > 0 then 1 else 0 end) as proof_count

    from user_user_graph as graph

    inner join known_for
        on graph.producer_id = known_for.producer_id

    group by graph.consumer_id, known_for.cluster_id

),

proven_scores as (

    select
        consumer_id,
        cluster_id,
        cast(follow_score as float64) as follow_score,
        cast(follow_score_producer_normalized as float64) as follow_score_producer_normalized,
        cast(fav_score as float64) as fav_score,
        cast(fav_score_producer_normalized as float64) as fav_score_producer_normalized,
        cast(log_fav_score as float64) as log_fav_score,
        cast(log_fav_score_producer_normalized as float64) as log_fav_score_producer_normalized,
        cast(followed_producer_count as int64) as followed_producer_count,
        cast(faved_producer_count as int64) as faved_producer_count

    from cluster_scores

    where proof_count >= {{ minimum_social_proof }}

)

select * from proven_scores
