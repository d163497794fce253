{{ config(cluster_by = ['tweet_id', 'snapshot_name']) }}

{% set minimum_cap = var('recipe_minimum_cap') %}
{% set half_life_millis = stream_millis(var('stream_half_life_hours')) %}
{# The largest power of two up to the number. The small addition keeps the logarithm of 8 from being 2.9999. #}
{% set power = 'cast(floor(ln(fav_number) / ln(2) + 1e-9) as int64)' %}

with

{{ stretched_times({'half_life_millis': half_life_millis}) }},

steps as (select tweet_id, fav_number, faved_at, tweet_norm from {{ ref('int_tweet_fav_steps') }}),
favs as (select tweet_id, user_id, faved_at, fav_number from {{ ref('int_numbered_favs') }} where not is_own),
limits as (select minimum_score from {{ ref('table_limits') }} where table_name = 'persistent_tweet_embeddings'),
interests as (select consumer_id, cluster_id, interest from {{ ref('int_stream_interests') }}),

recipes as (
    select
        snapshot_type, clusters_per_tweet,
        case when snapshot_type = 'history' then minimum_favs else least(minimum_favs, {{ minimum_cap }}) end as minimum_favs
    from {{ ref('tweet_snapshot_recipes') }}
),

{# History has a snapshot for each power of two, to 2^24. #}
named_steps as (
    select
        steps.tweet_id,
        recipes.snapshot_type,
        case
            when recipes.snapshot_type <> 'history' then recipes.snapshot_type
            else concat('history_', cast(cast(round(pow(2, {{ power }})) as int64) as string))
        end as snapshot_name,
        steps.fav_number,
        steps.faved_at,
        steps.tweet_norm,
        recipes.clusters_per_tweet

    from steps

    inner join recipes on steps.fav_number >= recipes.minimum_favs
),

{# The last step, the longest, or the first at or after the power: a fav that leaves no embedding is no step. #}
snapshots as (
    select tweet_id, snapshot_name, fav_number, faved_at, clusters_per_tweet

    from named_steps

    qualify
        row_number() over (
            partition by tweet_id, snapshot_name
            order by
                case when snapshot_type = 'longest_l2' then {{ rounded_score('tweet_norm') }} end desc,
                case when snapshot_type = 'latest' then -fav_number else fav_number end
        ) = 1
),

snapshot_scores as (
    select
        snapshots.tweet_id,
        snapshots.snapshot_name,
        interests.cluster_id,
        snapshots.faved_at as updated_at,
        snapshots.fav_number as fav_count,
        snapshots.clusters_per_tweet,
        cast(sum(
            interests.interest
            * pow(0.5, ({{ unix_millis('snapshots.faved_at') }} - {{ unix_millis('favs.faved_at') }}) / times.half_life_millis)
        ) as float64) as tweet_score

    from snapshots

    cross join times

    inner join favs
        on snapshots.tweet_id = favs.tweet_id
            and snapshots.fav_number >= favs.fav_number

    inner join interests on favs.user_id = interests.consumer_id

    group by
        snapshots.tweet_id, snapshots.snapshot_name, interests.cluster_id, snapshots.faved_at, snapshots.fav_number,
        snapshots.clusters_per_tweet
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

    where {{ rounded_score('tweet_score') }} > (select limits.minimum_score from limits)

    qualify cluster_rank <= clusters_per_tweet
)

select * from kept_scores
