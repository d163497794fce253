{{ config(materialized = 'view') }}

{% set time_factor = recipe_time_factor() %}
{# A day of data that are thin in time is longer. #}
{% set day_millis = 'cast(86400000.0 * ' ~ time_factor ~ ' as int64)' %}

with

as_of as (select {{ unix_millis('as_of') }} as as_of_millis from {{ ref('stg_as_of') }}),
recipes as (select index_name, snapshot_type, index_days from {{ ref('tweet_snapshot_recipes') }} where index_name is not null),
vectors as (select snapshot_name, tweet_id, cluster_id, tweet_score from {{ ref('persistent_tweet_embeddings') }}),
index_scores as (select index_name, cluster_id, tweet_id, engagement_count, tweet_score from {{ ref('int_index_tweet_scores') }}),
embeddings as (select embedding_type, cluster_id, tweet_id, tweet_score from {{ ref('tweet_embeddings') }}),
videos as (
    select tweet_id, {{ unix_millis('created_at') }} as created_millis
    from {{ ref('stg_tweets') }} where has_video and created_at is not null
),

look_back_scores as (
    select
        recipes.index_name,
        {{ timestamp_from_millis('videos.created_millis - mod(videos.created_millis, ' ~ day_millis ~ ')') }} as list_day,
        vectors.cluster_id,
        vectors.tweet_id,
        vectors.tweet_score

    from recipes

    cross join as_of
    inner join vectors on recipes.snapshot_type = vectors.snapshot_name
    inner join videos on vectors.tweet_id = videos.tweet_id

    where as_of.as_of_millis - videos.created_millis between 0 and recipes.index_days * {{ day_millis }}
),

listed_scores as (
    select
        index_name as vectors_of,
        cast(null as timestamp) as list_day,
        cluster_id,
        tweet_id,
        engagement_count,
        tweet_score

    from index_scores

    union all

    select
        embedding_type as vectors_of,
        cast(null as timestamp) as list_day,
        cluster_id,
        tweet_id,
        cast(null as int64) as engagement_count,
        tweet_score

    from embeddings

    union all

    select
        index_name as vectors_of,
        list_day,
        cluster_id,
        tweet_id,
        cast(null as int64) as engagement_count,
        tweet_score

    from look_back_scores
)

select * from listed_scores
