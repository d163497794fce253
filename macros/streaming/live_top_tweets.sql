{#
    The live indexes as CTEs, for a model that has a CTE `live_scores` (tweet_id, cluster_id, created_at, tweet_age_hours, tweet_score,
    fav_count), which are younger than the window. The last one is `top_tweets`.
#}
{% macro live_top_tweets(window_hours) %}
live_indexes as (
    select
        index_name, coalesce(maximum_tweet_age_hours, {{ window_hours }}) as maximum_age_hours, minimum_score, tweets_per_cluster
    from {{ ref('live_index_recipes') }}
),

top_tweets as (

    select
        live_indexes.index_name,
        live_scores.cluster_id,
        live_scores.tweet_id,
        {{ rank_per(
            ['live_indexes.index_name', 'live_scores.cluster_id'], 'live_scores.tweet_score', 'live_scores.tweet_id'
        ) }} as tweet_rank,
        live_scores.created_at,
        live_scores.fav_count,
        live_scores.tweet_score

    from live_scores

    inner join live_indexes
        on live_scores.tweet_age_hours < live_indexes.maximum_age_hours

    where {{ rounded_score('live_scores.tweet_score') }} > live_indexes.minimum_score

    qualify tweet_rank <= live_indexes.tweets_per_cluster

)
{%- endmacro %}
