{{
    config(
        materialized = 'incremental',
        unique_key = ['bucket_at', 'tweet_id', 'cluster_id'],
        on_schema_change = 'fail',
        post_hook = "delete from {{ this }} where bucket_at <= (select "
            ~ "{{ timestamp_from_millis(unix_millis('as_of') ~ ' - ' ~ var('stream_window_hours') * 3600000) }} "
            ~ "from {{ ref('int_stream_clock') }})"
    )
}}
{#
    Not dbt's own microbatch: it knows no minutes, and only reads the batches it is told of. Here the events say what to do: a bucket
    whose events are not those that were read last time is read again, so order, repetition and crashes do not matter.
#}

{% set counts_every_fav = var('stream_counts') == 'every_fav' %}
{% set half_life_millis = var('stream_half_life_hours') * 3600000 %}

-- depends_on: {{ ref('int_stream_clock') }}

with

events as (

    select
        user_id,
        tweet_id,
        is_fav,
        engaged_millis,
        bucket_at

    from {{ ref('int_stream_events') }}

),

interests as (

    select
        consumer_id,
        cluster_id,
        interest

    from {{ ref('int_stream_interests') }}

),

found_buckets as (

    select
        bucket_at,
        count(*) as event_count,
        cast(sum(
            mod(
                {{ pair_hash('user_id', 'tweet_id') }} * 7 + mod(engaged_millis, 2147483647) * 40692
                + case when is_fav then 1 else 0 end, 2147483647
            )
        ) as int64) as event_hash

    from events

    group by bucket_at

),

{% if is_incremental() %}
known_buckets as (

    select
        bucket_at,
        fav_count as event_count,
        event_hash

    from {{ this }}

    where tweet_id = 0

),

changed_buckets as (

    select
        found_buckets.bucket_at,
        found_buckets.event_count,
        found_buckets.event_hash

    from found_buckets

    left join known_buckets
        on found_buckets.bucket_at = known_buckets.bucket_at

    where known_buckets.bucket_at is null
        or found_buckets.event_count <> known_buckets.event_count
        or found_buckets.event_hash <> known_buckets.event_hash

),
{% else %}
changed_buckets as (

    select
        bucket_at,
        event_count,
        event_hash

    from found_buckets

),
{% endif %}

{# A later event can take back a fav of an earlier bucket, so the buckets of every pair that changed are read again. #}
touched_pairs as (

    select distinct
        events.user_id,
        events.tweet_id

    from events

    inner join changed_buckets
        on events.bucket_at = changed_buckets.bucket_at

),

dirty_buckets as (

    select bucket_at from changed_buckets

    union distinct

    select events.bucket_at

    from events

    inner join touched_pairs
        on events.user_id = touched_pairs.user_id
            and events.tweet_id = touched_pairs.tweet_id

),

dirty_pairs as (

    select distinct
        events.user_id,
        events.tweet_id

    from events

    inner join dirty_buckets
        on events.bucket_at = dirty_buckets.bucket_at

),

{# A pair counts once, at its last event if that is a fav. The original adds every fav and never subtracts. #}
counted_favs as (

    select
        events.user_id,
        events.tweet_id,
        events.is_fav,
        events.engaged_millis,
        events.bucket_at

    from events

    inner join dirty_pairs
        on events.user_id = dirty_pairs.user_id
            and events.tweet_id = dirty_pairs.tweet_id
    {% if not counts_every_fav %}
    qualify row_number() over (partition by events.user_id, events.tweet_id order by events.engaged_millis desc, events.is_fav asc) = 1
    {% endif %}

),

partial_sums as (

    select
        counted_favs.bucket_at,
        counted_favs.tweet_id,
        interests.cluster_id,
        cast(sum(
            interests.interest
            * pow(0.5, ({{ unix_millis('counted_favs.bucket_at') }} - counted_favs.engaged_millis) / {{ half_life_millis }}.0)
        ) as float64) as partial_score,
        count(*) as fav_count

    from counted_favs

    inner join dirty_buckets
        on counted_favs.bucket_at = dirty_buckets.bucket_at

    inner join interests
        on counted_favs.user_id = interests.consumer_id

    where counted_favs.is_fav

    group by
        counted_favs.bucket_at,
        counted_favs.tweet_id,
        interests.cluster_id

),

{# What was read of each bucket is remembered in a row of tweet 0; sums that no longer hold become 0, because a merge cannot delete. #}
all_rows as (

    select
        bucket_at,
        tweet_id,
        cluster_id,
        partial_score,
        fav_count,
        cast(0 as int64) as event_hash

    from partial_sums

    union all

    select
        found_buckets.bucket_at,
        0 as tweet_id,
        0 as cluster_id,
        0.0 as partial_score,
        found_buckets.event_count as fav_count,
        found_buckets.event_hash

    from found_buckets

    inner join dirty_buckets
        on found_buckets.bucket_at = dirty_buckets.bucket_at
    {% if is_incremental() %}

    union all

    select
        known_rows.bucket_at,
        known_rows.tweet_id,
        known_rows.cluster_id,
        0.0 as partial_score,
        0 as fav_count,
        0 as event_hash

    from {{ this }} as known_rows

    inner join dirty_buckets
        on known_rows.bucket_at = dirty_buckets.bucket_at

    where known_rows.tweet_id <> 0
    {% endif %}

),

new_rows as (

    select
        bucket_at,
        tweet_id,
        cluster_id,
        cast(sum(partial_score) as float64) as partial_score,
        cast(sum(fav_count) as int64) as fav_count,
        cast(max(event_hash) as int64) as event_hash

    from all_rows

    group by
        bucket_at,
        tweet_id,
        cluster_id

)

select * from new_rows
