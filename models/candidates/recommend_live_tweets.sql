{% set live_score_floor = var('stream_cluster_score_floor') %}
{% set light_hours = var('stream_light_hours') %}
{% set live_tweets_per_cluster = var('stream_tweets_per_cluster') %}

{% call ann_function(table_argument('of_source_kind'), table_argument('of_source_id')) %}
as_of as (

    select as_of

    from {{ ref('int_stream_clock') }}

),

{# Only the communities of the source are ranked; DuckDB would rank all of them to look into live_cluster_top_tweets. #}
source_clusters as (

    select distinct cluster_id

    from source_vectors

),

live_scores as (

    select
        scores.tweet_id,
        scores.cluster_id,
        scores.created_at,
        scores.tweet_age_hours,
        scores.tweet_score,
        scores.fav_count

    from {{ ref('int_live_scores') }} as scores

    inner join source_clusters
        on scores.cluster_id = source_clusters.cluster_id

),

{{ ranked_live_tweets(live_score_floor, light_hours, live_tweets_per_cluster) }}

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
