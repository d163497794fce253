{{ config(cluster_by = ['consumer_id', 'cluster_id']) }}

{% set clusters_per_consumer = var('clusters_per_consumer') %}
{% set normalized_columns = {
    'follow_score': 'follow_score_cluster_normalized',
    'follow_score_producer_normalized': 'follow_score_cluster_and_producer_normalized',
    'fav_score': 'fav_score_cluster_normalized',
    'fav_score_producer_normalized': 'fav_score_cluster_and_producer_normalized',
    'log_fav_score': 'log_fav_score_cluster_normalized',
} %}
{% set ranking_scores = [
    'fav_score', 'log_fav_score', 'follow_score', 'log_fav_score_cluster_normalized', 'follow_score_producer_normalized',
] %}

with

consumer_cluster_scores as (

    select
        consumer_id,
        cluster_id,
        {%- for score in normalized_columns %}
        {{ score }},
        {%- endfor %}
        followed_producer_count,
        faved_producer_count

    from {{ ref('int_consumer_cluster_scores') }}

),

opted_out_clusters as (select user_id, cluster_id from {{ ref('opted_out_clusters') }} where opt_out_kind = 'interested_in'),

{# Over every proven consumer, before the cut to the best communities of each. #}
cluster_norms as (

    select
        cluster_id,
        {% for score in normalized_columns -%}
        sqrt(sum({{ score }} * {{ score }})) as {{ score }}_norm,
        {% endfor -%}
        count(*) as interested_consumer_count

    from consumer_cluster_scores

    group by cluster_id

),

normalized_scores as (

    select
        scores.consumer_id,
        scores.cluster_id,
        {%- for score, normalized_column in normalized_columns.items() %}
        scores.{{ score }},
        coalesce(scores.{{ score }} / nullif(norms.{{ score }}_norm, 0), 0.0) as {{ normalized_column }},
        {%- endfor %}
        scores.followed_producer_count,
        scores.faved_producer_count,
        norms.interested_consumer_count

    from consumer_cluster_scores as scores

    inner join cluster_norms as norms
        on scores.cluster_id = norms.cluster_id

),

best_clusters as (

    select
        consumer_id,
        cluster_id,
        {%- for score, normalized_column in normalized_columns.items() %}
        {{ score }},
        {{ normalized_column }},
        {%- endfor %}
        followed_producer_count,
        faved_producer_count,
        interested_consumer_count

    from normalized_scores

    qualify {{ top_k_per('consumer_id', ranking_scores, 'cluster_id', clusters_per_consumer) }}

),

{# Opt-outs come after norms and cut, so an opt-out changes nobody else's scores. #}
kept_clusters as (

    select
        best_clusters.consumer_id,
        best_clusters.cluster_id,
        {{ rank_per('best_clusters.consumer_id', ranking_scores, 'best_clusters.cluster_id') }} as cluster_rank,
        {%- for score, normalized_column in normalized_columns.items() %}
        best_clusters.{{ score }},
        best_clusters.{{ normalized_column }},
        {%- endfor %}
        best_clusters.followed_producer_count,
        best_clusters.faved_producer_count,
        best_clusters.interested_consumer_count

    from best_clusters

    left join opted_out_clusters
        on best_clusters.consumer_id = opted_out_clusters.user_id
            and best_clusters.cluster_id = opted_out_clusters.cluster_id

    where opted_out_clusters.user_id is null

)

select * from kept_clusters

{{ stored_in_order(['consumer_id', 'cluster_id']) }}
