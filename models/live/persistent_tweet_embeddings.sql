{{ config(cluster_by = ['tweet_id', 'snapshot_name']) }}

{% set minimum_cap = var('recipe_minimum_cap') %}
{% set half_life_millis = var('stream_half_life_hours') * 3600000 %}
{# The largest power of two up to the number. The small addition keeps the logarithm of 8 from being 2.9999. #}
{% set power = 'cast(floor(ln(fav_number) / ln(2) + 1e-9) as int64)' %}

with

steps as (select tweet_id, fav_number, faved_at, tweet_norm from {{ ref('int_tweet_fav_steps') }}),
favs as (select tweet_id, user_id, faved_at, fav_number from {{ ref('int_numbered_favs') }}),
interests as (select consumer_id, cluster_id, interest from {{ ref('int_stream_interests') }}),

recipes as (
    select
        snapshot_type,
        case
            when snapshot_type = 'history' then minimum_favs else {{ recipe_minimum('minimum_favs', minimum_cap) }}
        end as minimum_favs,
        clusters_per_tweet

    from {{ ref('tweet_snapshot_recipes') }}
),

snapshots as (
    select
        tweet_id,
        'latest' as snapshot_type,
        'latest' as snapshot_name,
        fav_number,
        faved_at

    from steps

    where fav_number >= (select recipes.minimum_favs from recipes where recipes.snapshot_type = 'latest')

    qualify row_number() over (partition by tweet_id order by fav_number desc) = 1

    union all

    select
        tweet_id,
        'longest_l2' as snapshot_type,
        'longest_l2' as snapshot_name,
        fav_number,
        faved_at

    from steps

    where fav_number >= (select recipes.minimum_favs from recipes where recipes.snapshot_type = 'longest_l2')

    qualify row_number() over (partition by tweet_id order by {{ rounded_score('tweet_norm') }} desc, fav_number) = 1

    union all

    {# Powers of two, to 2^24. A fav without interests is no step, so the first step at or after the power stands for it. #}
    select
        tweet_id,
        'history' as snapshot_type,
        concat('history_', cast(cast(round(pow(2, {{ power }})) as int64) as string)) as snapshot_name,
        fav_number,
        faved_at

    from steps

    where fav_number >= (select recipes.minimum_favs from recipes where recipes.snapshot_type = 'history')

    qualify row_number() over (partition by tweet_id, {{ power }} order by fav_number) = 1
),

snapshot_scores as (
    select
        snapshots.tweet_id,
        snapshots.snapshot_name,
        interests.cluster_id,
        snapshots.faved_at as updated_at,
        snapshots.fav_number as fav_count,
        recipes.clusters_per_tweet,
        cast(sum(
            interests.interest
            * pow(0.5, ({{ unix_millis('snapshots.faved_at') }} - {{ unix_millis('favs.faved_at') }}) / {{ half_life_millis }}.0)
        ) as float64) as tweet_score

    from snapshots

    inner join recipes on snapshots.snapshot_type = recipes.snapshot_type

    inner join favs
        on snapshots.tweet_id = favs.tweet_id
            and snapshots.fav_number >= favs.fav_number

    inner join interests on favs.user_id = interests.consumer_id

    group by
        snapshots.tweet_id,
        snapshots.snapshot_name,
        interests.cluster_id,
        snapshots.faved_at,
        snapshots.fav_number,
        recipes.clusters_per_tweet
),

kept_scores as (
    select
        snapshot_name,
        tweet_id,
        cluster_id,
        {{ rank_per(['snapshot_name', 'tweet_id'], 'tweet_score', 'cluster_id') }} as cluster_rank,
        updated_at,
        fav_count,
        tweet_score

    from snapshot_scores

    qualify cluster_rank <= clusters_per_tweet
)

select * from kept_scores
