{% set minimum_social_proof = var('minimum_social_proof') %}
{% set clusters_per_consumer = var('clusters_per_consumer') %}

with

user_user_graph as (
    select consumer_id, producer_id, is_followed, follow_score_producer_normalized, fav_score, fav_score_producer_normalized, log_fav_score
    from {{ ref('user_user_graph') }}
),
known_for as (select producer_id, cluster_id, known_for_score from {{ ref('known_for_before_opt_outs') }}),

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
    select consumer_id, cluster_id, follow_score, follow_score_producer_normalized, fav_score, log_fav_score

    from cluster_scores

    {{ where_proven(minimum_social_proof) }}
),

{# Norms are over all proven consumers, as in interested_in. #}
normalized_scores as (
    select
        consumer_id,
        cluster_id,
        follow_score,
        follow_score_producer_normalized,
        fav_score,
        log_fav_score,
        follow_score / nullif(sqrt(sum(follow_score * follow_score) over (partition by cluster_id)), 0)
            as follow_score_cluster_normalized,
        fav_score / nullif(sqrt(sum(fav_score * fav_score) over (partition by cluster_id)), 0)
            as fav_score_cluster_normalized

    from proven_scores
),

kept_clusters as (
    select consumer_id, cluster_id, log_fav_score, follow_score_cluster_normalized, fav_score_cluster_normalized

    from normalized_scores

    qualify {{ top_k_per(
        'consumer_id',
        ['fav_score', 'log_fav_score', 'follow_score', 'follow_score_producer_normalized'],
        'cluster_id',
        clusters_per_consumer
    ) }}
),

{# As in the original, two scores are normalised over all proven consumers and one over those left after the cut. #}
scores_by_name as (
    {% for score in ['follow', 'fav'] %}
        select
            '{{ score }}' as consumer_score,
            consumer_id,
            cluster_id,
            {{ score }}_score_cluster_normalized as interested_in_score

        from kept_clusters

        where {{ score }}_score_cluster_normalized > 0

        union all
    {% endfor %}
    select
        'log_fav' as consumer_score,
        consumer_id,
        cluster_id,
        log_fav_score / sqrt(sum(log_fav_score * log_fav_score) over (partition by cluster_id)) as interested_in_score

    from kept_clusters

    where log_fav_score > 0
)

select * from scores_by_name
