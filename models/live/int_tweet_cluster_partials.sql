{{
    config(
        materialized = 'incremental',
        unique_key = ['bucket_at', 'tweet_id', 'cluster_id'],
        on_schema_change = 'fail',
        partition_by = partitioned_by_time('bucket_at', 'hour'),
        cluster_by = ['cluster_id', 'tweet_id'],
        post_hook = [
            "delete from {{ this }} where bucket_at <= (select "
            ~ "{{ timestamp_from_millis(unix_millis('as_of') ~ ' - ' ~ var('stream_window_hours') * 3600000) }} "
            ~ "from {{ ref('int_stream_clock') }})",
            "update {{ ref('int_stream_pairs') }} set folded_event = last_event where folded_event is distinct from last_event"
        ]
    )
}}
{#
    dbt's own microbatch knows no minutes, and reads only the batches it is told of. Here the pairs decide: a cell (a tweet in a bucket) is
    read again when a pair came to it or left it. So order, repetition and crashes do not matter.
#}

{% set bucket_millis = var('stream_bucket_minutes') * 60000 %}
{% set half_life_millis = var('stream_half_life_hours') * 3600000 %}

-- depends_on: {{ ref('int_stream_clock') }}

with

{# Two reads of one table, because DuckDB would store all of a shared CTE for every run. #}
changed_pairs as (

    select
        tweet_id,
        last_event,
        folded_event

    from {{ ref('int_stream_pairs') }}
    {% if is_incremental() %}

    where folded_event is distinct from last_event
    {% endif %}

),

{# The end of the bucket, doubled as the events are. An odd event is an un-fav. #}
favs as (

    select
        user_id,
        tweet_id,
        last_event,
        last_event - mod(last_event, {{ 2 * bucket_millis }}) + {{ 2 * bucket_millis }} as bucket_event

    from {{ ref('int_stream_pairs') }}

    where mod(last_event, 2) = 0

),

interests as (select consumer_id, cluster_id, interest from {{ ref('int_stream_interests') }}),
tweets as (select tweet_id, author_id from {{ ref('stg_tweets') }}),

{# Cells that pairs came to, and cells that they left. #}
cells as (

    select
        tweet_id,
        last_event as cell_event

    from changed_pairs

    union all

    select
        tweet_id,
        folded_event as cell_event

    from changed_pairs

),

dirty_cells as (

    select distinct
        tweet_id,
        cell_event - mod(cell_event, {{ 2 * bucket_millis }}) + {{ 2 * bucket_millis }} as bucket_event

    from cells

    where mod(cell_event, 2) = 0

),

dated_cells as (

    select
        tweet_id,
        bucket_event,
        {{ timestamp_from_millis('cast(bucket_event / 2.0 as int64)') }} as bucket_at

    from dirty_cells

),

{# A fav on one's own tweet says nothing. #}
counted_favs as (

    select
        favs.user_id,
        favs.tweet_id,
        dated_cells.bucket_at,
        favs.bucket_event - favs.last_event as doubled_age_millis

    from favs

    inner join dated_cells
        on favs.tweet_id = dated_cells.tweet_id
            and favs.bucket_event = dated_cells.bucket_event

    left join tweets
        on favs.tweet_id = tweets.tweet_id

    where coalesce(tweets.author_id <> favs.user_id, true)

),

partial_sums as (

    select
        counted_favs.bucket_at,
        counted_favs.tweet_id,
        interests.cluster_id,
        cast(
            sum(interests.interest * pow(0.5, counted_favs.doubled_age_millis / {{ 2 * half_life_millis }}.0)) as float64
        ) as partial_score,
        count(*) as fav_count

    from counted_favs

    inner join interests
        on counted_favs.user_id = interests.consumer_id

    group by counted_favs.bucket_at, counted_favs.tweet_id, interests.cluster_id

),

{# Sums that no longer hold become 0, because a merge cannot delete. #}
all_rows as (

    select
        bucket_at,
        tweet_id,
        cluster_id,
        partial_score,
        fav_count

    from partial_sums
    {% if is_incremental() %}

    union all

    select
        known_rows.bucket_at,
        known_rows.tweet_id,
        known_rows.cluster_id,
        0.0 as partial_score,
        0 as fav_count

    from {{ this }} as known_rows

    inner join dated_cells
        on known_rows.bucket_at = dated_cells.bucket_at
            and known_rows.tweet_id = dated_cells.tweet_id
    {% endif %}

),

new_rows as (

    select
        bucket_at,
        tweet_id,
        cluster_id,
        cast(sum(partial_score) as float64) as partial_score,
        cast(sum(fav_count) as int64) as fav_count

    from all_rows

    group by bucket_at, tweet_id, cluster_id

)

select * from new_rows
