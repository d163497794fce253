{% set half_life_hours = var('stream_half_life_hours') %}
{% set window_hours = var('stream_window_hours') %}

{% call ann_function(table_argument('of_source_kind'), table_argument('of_source_id')) %}
as_of as (select as_of from {{ ref('int_stream_clock') }}),

{# The configuration names one of the source's many vectors. #}
source_clusters as (

    select distinct source_vectors.cluster_id

    from source_vectors

    inner join configs
        on source_vectors.source_embedding_type = configs.source_embedding_type

),

partials as (

    select
        partials.bucket_at,
        partials.tweet_id,
        partials.cluster_id,
        partials.partial_score,
        partials.fav_count

    from {{ ref('int_tweet_cluster_partials') }} as partials

    inner join source_clusters
        on partials.cluster_id = source_clusters.cluster_id

    where partials.fav_count > 0

),

tweets as (select tweet_id, created_at from {{ ref('stg_tweets') }}),

{{ live_scores(half_life_hours, window_hours) }}

{{ ranked_live_tweets(window_hours) }}

top_tweets as (

    select
        index_name,
        cluster_id,
        tweet_id,
        tweet_rank,
        created_at,
        tweet_score

    from ranked_live_tweets

),
{% endcall %}
