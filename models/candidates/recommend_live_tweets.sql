{% set time_factor = var('recipe_time_factor') %}
{% set tweets_per_cluster_limit = var('ann_tweets_per_cluster_limit') %}
{% set results_limit = var('ann_results_limit') %}
{% set live_score_floor = var('stream_cluster_score_floor') %}
{% set light_hours = var('stream_light_hours') %}
{% set live_tweets_per_cluster = var('stream_tweets_per_cluster') %}

with

configs as (

    select
        source_kind,
        config_name,
        source_embedding_type,
        index_name,
        algorithm,
        clusters_scanned,
        tweets_per_cluster,
        maximum_results,
        minimum_score,
        minimum_age_hours,
        maximum_age_hours

    from {{ ref('ann_configs') }}

    where source_kind = {{ table_argument('of_source_kind') }}
        and config_name = {{ table_argument('with_config') }}

),

source_vectors as (

    select
        source_kind,
        source_embedding_type,
        source_id,
        cluster_id,
        source_score

    from {{ ref('int_ann_source_vectors') }}

    where source_kind = {{ table_argument('of_source_kind') }}
        and source_id = {{ table_argument('of_source_id') }}

),

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

{{ ann_search(time_factor, tweets_per_cluster_limit, results_limit) }}

kept_tweets as (

    select
        tweet_id,
        candidate_rank,
        cluster_count,
        dot_product,
        ann_score

    from ranked_tweets

    where candidate_rank <= maximum_results

)

select * from kept_tweets
