{#
    The last post-hook writes to int_stream_pairs. Only this model knows when a pair is in its sums, and a crash before must leave it
    unmarked.
#}
{{ config(
    materialized = 'incremental',
    unique_key = ['bucket_at', 'tweet_id', 'cluster_id'],
    on_schema_change = 'fail',
    partition_by = partitioned_by_time('bucket_at', 'hour'),
    cluster_by = ['cluster_id', 'tweet_id'],
    post_hook = ["{{ delete_faded_partials(this, var('stream_window_hours')) }}", "{{ mark_pairs_as_folded() }}"]
) }}
{#
    dbt's own microbatch knows no minutes, and reads only the batches it is told of. Here the pairs decide: a cell (a tweet in a bucket) is
    read again when a pair came to it or left it. So order, repetition and crashes do not matter.
#}

{% set bucket_millis = stream_millis(minutes=var('stream_bucket_minutes')) %}
{% set half_life_millis = stream_millis(var('stream_half_life_hours')) %}

-- depends_on: {{ ref('int_stream_clock') }}

with

{# Two reads of one table, because DuckDB would store all of a shared CTE for every run. #}
changed_pairs as (
    select tweet_id, last_event, folded_event
    from {{ ref('int_stream_pairs') }} {{ 'where folded_event is distinct from last_event' if is_incremental() }}
),
favs as (
    select
        user_id, tweet_id, {{ event_millis('last_event') }} as faved_millis,
        {{ timestamp_from_millis(bucket_end_millis('last_event', bucket_millis)) }} as bucket_at
    from {{ ref('int_stream_pairs') }} where {{ is_fav_event('last_event') }}
),
interests as (select consumer_id, cluster_id, interest from {{ ref('int_stream_interests') }}),
tweets as (select tweet_id, author_id from {{ ref('stg_tweets') }}),

{# Cells that pairs came to, and cells that they left. #}
changed_cells as (
    {% for event in ['last_event', 'folded_event'] %}
        select tweet_id, {{ timestamp_from_millis(bucket_end_millis(event, bucket_millis)) }} as bucket_at
        from changed_pairs where {{ is_fav_event(event) }}
        {{ 'union distinct' if not loop.last }}
    {% endfor %}
),

{# A fav on one's own tweet says nothing. #}
counted_favs as (
    select
        favs.user_id,
        favs.tweet_id,
        favs.bucket_at,
        pow(0.5, ({{ unix_millis('favs.bucket_at') }} - favs.faved_millis) / {{ half_life_millis }}.0) as weight_at_bucket_end

    from favs

    inner join changed_cells as cells
        on favs.tweet_id = cells.tweet_id
            and favs.bucket_at = cells.bucket_at

    left join tweets on favs.tweet_id = tweets.tweet_id

    where coalesce(tweets.author_id <> favs.user_id, true)
),

{# Sums that no longer hold become 0, because a merge cannot delete. #}
addends as (
    select
        favs.bucket_at,
        favs.tweet_id,
        interests.cluster_id,
        interests.interest * favs.weight_at_bucket_end as faded_interest,
        1 as fav_count

    from counted_favs as favs

    inner join interests on favs.user_id = interests.consumer_id
    {% if is_incremental() %}

    union all

    select known_rows.bucket_at, known_rows.tweet_id, known_rows.cluster_id, 0.0 as faded_interest, 0 as fav_count

    from {{ this }} as known_rows

    inner join changed_cells as cells
        on known_rows.bucket_at = cells.bucket_at
            and known_rows.tweet_id = cells.tweet_id
    {% endif %}
),

partial_sums as (
    select
        bucket_at,
        tweet_id,
        cluster_id,
        cast(sum(faded_interest) as float64) as partial_score,
        cast(sum(fav_count) as int64) as fav_count

    from addends

    group by bucket_at, tweet_id, cluster_id
)

select * from partial_sums
