{% set clusters_per_consumer = var('clusters_per_consumer') %}
{% set scores = [
    'follow_score', 'follow_score_producer_normalized',
    'fav_score', 'fav_score_producer_normalized',
    'log_fav_score',
] %}

with

consumer_cluster_scores as (

    select
        consumer_id,
        cluster_id,
        follow_score,
        follow_score_producer_normalized,
        fav_score,
        fav_score_producer_normalized,
        log_fav_score,
        log_fav_score_producer_normalized,
        followed_producer_count,
        faved_producer_count

    from {{ ref('int_consumer_cluster_scores') }}

),

{# Over every proven consumer, before the cut to the best clusters of each. #}
cluster_norms as (

    select
        cluster_id,
        count(*) as interested_consumer_count
        {%- for score in scores %},
        sqrt(sum({{ score }} * {{ score }})) as {{ score }}_norm
        {%- endfor %}

    from consumer_cluster_scores

    group by cluster_id

),

normalized_scores as (

    select
        scores.consumer_id,
        scores.cluster_id,
        scores.follow_score,
        coalesce(scores.follow_score / nullif(norms.follow_score_norm, 0), 0.0) as follow_score_cluster_normalized,
        scores.follow_score_producer_normalized,
        coalesce(
            scores.follow_score_producer_normalized / nullif(norms.follow_score_producer_normalized_norm, 0), 0.0
        ) as follow_score_cluster_and_producer_normalized,
        scores.fav_score,
        coalesce(scores.fav_score / nullif(norms.fav_score_norm, 0), 0.0) as fav_score_cluster_normalized,
        scores.fav_score_producer_normalized,
        coalesce(
            scores.fav_score_producer_normalized / nullif(norms.fav_score_producer_normalized_norm, 0), 0.0
        ) as fav_score_cluster_and_producer_normalized,
        scores.log_fav_score,
        coalesce(scores.log_fav_score / nullif(norms.log_fav_score_norm, 0), 0.0) as log_fav_score_cluster_normalized,
        scores.followed_producer_count,
        scores.faved_producer_count,
        norms.interested_consumer_count

    from consumer_cluster_scores as scores

    inner join cluster_norms as norms
        on scores.cluster_id = norms.cluster_id

),

ranked_clusters as (

    select
        consumer_id,
        cluster_id,
        {{ rank_per(
            'consumer_id',
            [
                'fav_score', 'log_fav_score', 'follow_score', 'log_fav_score_cluster_normalized',
                'follow_score_producer_normalized',
            ],
            'cluster_id'
        ) }} as cluster_rank,
        follow_score,
        follow_score_cluster_normalized,
        follow_score_producer_normalized,
        follow_score_cluster_and_producer_normalized,
        fav_score,
        fav_score_cluster_normalized,
        fav_score_producer_normalized,
        fav_score_cluster_and_producer_normalized,
        log_fav_score,
        log_fav_score_cluster_normalized,
        followed_producer_count,
        faved_producer_count,
        interested_consumer_count

    from normalized_scores

),

kept_clusters as (

    select
        consumer_id,
        cluster_id,
        cluster_rank,
        follow_score,
        follow_score_cluster_normalized,
        follow_score_producer_normalized,
        follow_score_cluster_and_producer_normalized,
        fav_score,
        fav_score_cluster_normalized,
        fav_score_producer_normalized,
        fav_score_cluster_and_producer_normalized,
        log_fav_score,
        log_fav_score_cluster_normalized,
        followed_producer_count,
        faved_producer_count,
        interested_consumer_count

    from ranked_clusters

    where cluster_rank <= {{ clusters_per_consumer }}

)

select * from kept_clusters
