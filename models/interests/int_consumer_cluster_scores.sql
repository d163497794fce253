{{ config(materialized = 'bucketed_table') }}
{% set minimum_social_proof = var('minimum_social_proof') %}

{{ buckets_by_rows(ref('user_user_graph'), 'consumer_id') }}

with

user_user_graph as (
    select consumer_id, producer_id, is_followed, follow_score_producer_normalized, fav_score, fav_score_producer_normalized, log_fav_score
    from {{ ref('user_user_graph') }} where {{ bucket_filter('consumer_id') }}
),
known_for as (
    select producer_id, cluster_id, case when known_for_score > 0 then known_for_score else 0.0 end as known_for_score
    from {{ ref('known_for') }}
),

{# U = A V. A member with a score of 0 still counts as proof. #}
cluster_scores as (
    select
        graph.consumer_id,
        known_for.cluster_id,
        {{ interest_sums('graph', 'known_for.known_for_score') }}

    from user_user_graph as graph

    inner join known_for on graph.producer_id = known_for.producer_id

    group by graph.consumer_id, known_for.cluster_id
),

proven_scores as (
    select
        consumer_id,
        cluster_id,
        {{ interest_scores() | join(',\n        ') }},
        followed_producer_count,
        faved_producer_count

    from cluster_scores

    {{ where_proven(minimum_social_proof) }}
)

select * from proven_scores
