{#
    For a model that has CTEs `as_of` (as_of), `partials` (bucket_at, tweet_id, cluster_id, partial_score, fav_count) and `tweets` (tweet_id,
    created_at). A model that wants some communities leaves the others out of `partials`, because DuckDB adds up all that it is given before
    it joins.
#}
{% macro live_scores(half_life_hours, window_hours) %}
decayed_scores as (
    select
        partials.tweet_id,
        partials.cluster_id,
        clock.as_of,
        cast(sum(partials.partial_score * {{ half_life_decay('partials.bucket_at', 'clock.as_of', half_life_hours) }}) as float64)
            as tweet_score,
        cast(sum(partials.fav_count) as int64) as fav_count

    from partials

    cross join as_of as clock

    group by partials.tweet_id, partials.cluster_id, clock.as_of
),

dated_scores as (
    select
        decayed_scores.tweet_id,
        decayed_scores.cluster_id,
        decayed_scores.as_of,
        coalesce(tweets.created_at, {{ snowflake_created_at('decayed_scores.tweet_id') }}) as created_at,
        decayed_scores.tweet_score,
        decayed_scores.fav_count

    from decayed_scores

    left join tweets on decayed_scores.tweet_id = tweets.tweet_id
),

{# A tweet of unknown age counts as new, as in the original. #}
aged_scores as (
    select
        tweet_id,
        cluster_id,
        created_at,
        coalesce(({{ unix_millis('as_of') }} - {{ unix_millis('created_at') }}) / 3600000.0, 0.0) as tweet_age_hours,
        tweet_score,
        fav_count

    from dated_scores
),

live_scores as (
    select tweet_id, cluster_id, created_at, tweet_age_hours, tweet_score, fav_count

    from aged_scores

    where tweet_age_hours < {{ window_hours }}
)
{%- endmacro %}


{#
    For a model that has a CTE `live_scores` (tweet_id, cluster_id, created_at, tweet_age_hours, tweet_score, fav_count), whose tweets are
    younger than the window.
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

    inner join live_indexes on live_scores.tweet_age_hours < live_indexes.maximum_age_hours

    where {{ rounded_score('live_scores.tweet_score') }} > live_indexes.minimum_score

    qualify tweet_rank <= live_indexes.tweets_per_cluster
)
{%- endmacro %}
