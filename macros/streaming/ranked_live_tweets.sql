{#
    The live indexes as CTEs, for a model that has a CTE `live_scores` (tweet_id, cluster_id, created_at, tweet_age_hours, tweet_score,
    fav_count). The
    last one is `ranked_live_tweets`.
#}
{% macro ranked_live_tweets(score_floor, light_hours, tweets_per_cluster) %}
live_index_scores as (

    select
        'live' as index_name,
        cluster_id,
        tweet_id,
        created_at,
        fav_count,
        tweet_score

    from live_scores

    where {{ rounded_score('tweet_score') }} > {{ score_floor }}

    union all

    select
        'live_light' as index_name,
        cluster_id,
        tweet_id,
        created_at,
        fav_count,
        tweet_score

    from live_scores

    where {{ rounded_score('tweet_score') }} > {{ score_floor }}
        and tweet_age_hours < {{ light_hours }}

),

ranked_live_scores as (

    select
        index_name,
        cluster_id,
        tweet_id,
        {{ rank_per(['index_name', 'cluster_id'], 'tweet_score', 'tweet_id') }} as tweet_rank,
        created_at,
        fav_count,
        tweet_score

    from live_index_scores

),

ranked_live_tweets as (

    select
        index_name,
        cluster_id,
        tweet_id,
        tweet_rank,
        created_at,
        fav_count,
        tweet_score

    from ranked_live_scores

    where tweet_rank <= {{ tweets_per_cluster }}

),
{% endmacro %}
