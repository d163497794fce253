{# A table, because tweet embeddings and every engagement index read it. In buckets, because its three joins are larger than it. #}
{{ config(
    materialized = 'bucketed_table',
    cluster_by = ['tweet_id'],
    meta = {'bytes_per_row': 768}
) }}

{# Most events count in a recipe or two. #}
{{ buckets_by_rows(ref('stg_engagements'), 'tweet_id', rows_each=1.5) }}

with

counted_types as (
    select
        pair_name, engagement_type, maximum_events, counts_own_tweets, requires_confirmation, requires_listing, window_start_millis,
        created_until_millis
    from {{ ref('int_pair_recipe_events') }} where type_role = 'counted' and not is_undo
),
engagement_states as (
    select pair_name, type_role, engagement_type, user_id, tweet_id, engaged_at, event_count
    from {{ ref('int_engagement_states') }} where {{ bucket_filter('tweet_id') }}
),
tweets as (
    select tweet_id, author_id, created_at, is_evergreen from {{ ref('stg_tweets') }} where {{ bucket_filter('tweet_id') }}
),

{# An input that knows the evergreen tweets names them. Else their age does. #}
evergreen_tweets as (select count(case when is_evergreen then 1 end) > 0 as are_named from {{ ref('stg_tweets') }}),

{# A reply alone says little about liking. It counts when the same user also favs or retweets. #}
confirmed_pairs as (select distinct pair_name, user_id, tweet_id from engagement_states where type_role = 'confirming'),

{# A tweet that somebody played is a video. #}
listed_tweets as (select distinct pair_name, tweet_id from engagement_states where type_role = 'listing'),

{# Too many events on one tweet are noise and no interest. #}
dated_pairs as (
    select
        counted_types.pair_name,
        counted_types.engagement_type,
        states.user_id,
        states.tweet_id,
        states.engaged_at,
        states.event_count,
        counted_types.requires_confirmation,
        counted_types.requires_listing,
        counted_types.window_start_millis,
        counted_types.created_until_millis,
        tweets.is_evergreen,
        {{ unix_millis('coalesce(tweets.created_at, ' ~ snowflake_created_at('states.tweet_id') ~ ')') }} as created_millis

    from counted_types

    inner join engagement_states as states
        on counted_types.pair_name = states.pair_name
            and counted_types.engagement_type = states.engagement_type
            and states.type_role = 'counted'

    left join tweets on states.tweet_id = tweets.tweet_id

    where (counted_types.maximum_events is null or states.event_count <= counted_types.maximum_events)
        and (counted_types.counts_own_tweets or tweets.author_id is null or states.user_id <> tweets.author_id)
),

accepted_pairs as (
    select
        pairs.pair_name,
        pairs.engagement_type,
        pairs.user_id,
        pairs.tweet_id,
        pairs.engaged_at,
        coalesce(pairs.created_millis >= pairs.window_start_millis, true) as is_new_tweet

    from dated_pairs as pairs

    cross join evergreen_tweets

    left join confirmed_pairs
        on pairs.pair_name = confirmed_pairs.pair_name
            and pairs.user_id = confirmed_pairs.user_id
            and pairs.tweet_id = confirmed_pairs.tweet_id

    left join listed_tweets
        on pairs.pair_name = listed_tweets.pair_name
            and pairs.tweet_id = listed_tweets.tweet_id

    where (not pairs.requires_confirmation or confirmed_pairs.tweet_id is not null)
        and (not pairs.requires_listing or listed_tweets.tweet_id is not null)
        and (
            pairs.created_until_millis is null
            or case
                when evergreen_tweets.are_named then coalesce(pairs.is_evergreen, false)
                else pairs.created_millis <= pairs.created_until_millis
            end
        )
)

select * from accepted_pairs

{{ stored_in_order(['tweet_id']) }}
