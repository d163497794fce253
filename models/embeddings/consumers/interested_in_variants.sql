{{ config(
    materialized = 'bucketed_table',
    cluster_by = ['consumer_id', 'interest_type', 'cluster_id'],
    meta = {'rows_per_bucket': var('rows_per_bucket')}
) }}

{% set normalized_columns = {
    'follow_score': 'follow_score_cluster_normalized',
    'follow_score_producer_normalized': 'follow_score_cluster_and_producer_normalized',
    'fav_score': 'fav_score_cluster_normalized',
    'fav_score_producer_normalized': 'fav_score_cluster_and_producer_normalized',
    'log_fav_score': 'log_fav_score_cluster_normalized',
} %}
{% set ranking_scores = [
    'first_score', 'log_fav_score', 'follow_score', 'log_fav_score_cluster_normalized', 'follow_score_producer_normalized',
] %}

{# Wide rows are ranked and sorted; buckets keep them in memory. #}
{{ buckets_by_rows(ref('int_interest_variant_scores'), 'consumer_id') }}

with

recipes as (select interest_type, ranks_by_favs, clusters_per_consumer from {{ ref('interest_recipes') }}),

consumer_cluster_scores as (

    select
        interest_type,
        consumer_id,
        cluster_id,
        {%- for score in normalized_columns %}
        {{ score }},
        {%- endfor %}
        followed_producer_count,
        faved_producer_count

    from {{ ref('int_interest_variant_scores') }}

    where {{ bucket_filter('consumer_id') }}

),

cluster_norms as (

    select
        interest_type,
        cluster_id,
        {%- for score in normalized_columns %}
        {{ score }}_norm,
        {%- endfor %}
        interested_consumer_count

    from {{ ref('int_interest_cluster_norms') }}

),

opted_out_clusters as (select user_id, cluster_id from {{ ref('opted_out_clusters') }} where opt_out_kind = 'interested_in'),

normalized_scores as (

    select
        scores.interest_type,
        scores.consumer_id,
        scores.cluster_id,
        {%- for score, normalized_column in normalized_columns.items() %}
        scores.{{ score }},
        coalesce(scores.{{ score }} / nullif(norms.{{ score }}_norm, 0), 0.0) as {{ normalized_column }},
        {%- endfor %}
        scores.followed_producer_count,
        scores.faved_producer_count,
        norms.interested_consumer_count,
        recipes.clusters_per_consumer,
        case when recipes.ranks_by_favs then scores.fav_score else 0.0 end as first_score

    from consumer_cluster_scores as scores

    inner join cluster_norms as norms
        on scores.interest_type = norms.interest_type
            and scores.cluster_id = norms.cluster_id

    inner join recipes
        on scores.interest_type = recipes.interest_type

),

{# Opt-outs hold for every variant; the original applies them to lite only. They come after the cut, which is not made again. #}
ranked_clusters as (

    select
        scores.interest_type,
        scores.consumer_id,
        scores.cluster_id,
        {{ rank_per(['scores.interest_type', 'scores.consumer_id'], ranking_scores, 'scores.cluster_id') }} as rank_before_opt_outs,
        {%- for score, normalized_column in normalized_columns.items() %}
        scores.{{ score }},
        scores.{{ normalized_column }},
        {%- endfor %}
        scores.followed_producer_count,
        scores.faved_producer_count,
        scores.interested_consumer_count,
        scores.clusters_per_consumer,
        opted_out_clusters.user_id is null as is_kept

    from normalized_scores as scores

    left join opted_out_clusters
        on scores.consumer_id = opted_out_clusters.user_id
            and scores.cluster_id = opted_out_clusters.cluster_id

),

kept_clusters as (

    select
        interest_type,
        consumer_id,
        cluster_id,
        row_number() over (partition by interest_type, consumer_id order by rank_before_opt_outs) as cluster_rank,
        {%- for score, normalized_column in normalized_columns.items() %}
        {{ score }},
        {{ normalized_column }},
        {%- endfor %}
        followed_producer_count,
        faved_producer_count,
        interested_consumer_count

    from ranked_clusters

    where rank_before_opt_outs <= clusters_per_consumer
        and is_kept

)

select * from kept_clusters

{{ stored_in_order(['consumer_id', 'interest_type', 'cluster_id']) }}
