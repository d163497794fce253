{{ config(
    materialized = 'kernel_table' if runs_kernel('products') else 'bucketed_table',
    cluster_by = ['consumer_id', 'cluster_rank'],
    meta = {'clusters_per_consumer': var('clusters_per_consumer')}
) }}
{{ read_by_kernel('products', ['topic_embeddings', 'int_consumer_topic_shares']) }}

{% set clusters_per_consumer = var('clusters_per_consumer') %}

{# Each topic of a consumer meets every community of the topic. #}
{% set clusters_per_topic = '(select max(clusters_per_topic) from ' ~ ref('topic_embedding_recipes') ~ ')' %}
{{ buckets_by_rows(ref('int_consumer_topic_favs'), 'consumer_id', rows_each=clusters_per_topic) }}

with

topic_shares as (
    select consumer_id, topic_id, consumer_language, topic_share
    from {{ ref('int_consumer_topic_shares') }} where {{ bucket_filter('consumer_id') }}
),
topic_embeddings as (
    select topic_id, consumer_language, cluster_id, topic_score
    from {{ ref('topic_embeddings') }} where embedding_type = 'fav_tfg_topic'
),

{# As in the original, a topic without an embedding in the language loses its share; the others do not get it. #}
weighted_sums as (
    select
        topic_shares.consumer_id,
        topic_embeddings.cluster_id,
        cast({{ rounded_score('sum(topic_shares.topic_share * topic_embeddings.topic_score)') }} as float64) as user_topic_score

    from topic_shares

    inner join topic_embeddings
        on topic_shares.topic_id = topic_embeddings.topic_id
            and topic_shares.consumer_language = topic_embeddings.consumer_language

    group by topic_shares.consumer_id, topic_embeddings.cluster_id
),

kept_clusters as (
    select
        consumer_id,
        cluster_id,
        {{ rank_per('consumer_id', 'user_topic_score', 'cluster_id') }} as cluster_rank,
        user_topic_score

    from weighted_sums

    qualify cluster_rank <= {{ clusters_per_consumer }}
)

select * from kept_clusters
