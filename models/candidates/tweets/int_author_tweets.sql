{{ config(cluster_by = ['author_id']) }}
{# A new tweet has few favs, but more are to come. So it starts with twice as many as tweets have on average. They fade in twelve hours. #}
{% set favs_to_come, hours_to_come, time_factor = 2, 12, recipe_time_factor() %}

with

as_of as (select as_of, cast({{ hours_to_come }} as float64) * 3600000 * {{ time_factor }} as millis_to_come from {{ ref('stg_as_of') }}),
recent_favs as (select tweet_id, fresh_weight from {{ ref('int_recent_favs') }}),
tweets as (select tweet_id, author_id, created_at from {{ ref('stg_tweets') }} where author_id is not null),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_author_tweets'),

fav_sums as (select tweet_id, count(*) as fav_count, sum(fresh_weight) as fresh_favs from recent_favs group by tweet_id),

faved_tweets as (
    select
        tweets.author_id,
        tweets.tweet_id,
        coalesce(fav_sums.fav_count, 0) as fav_count,
        coalesce(fav_sums.fresh_favs, 0.0) as fresh_favs,
        case
            when tweets.created_at <= as_of.as_of
                then greatest(0.0, 1 - ({{ unix_millis('as_of.as_of') }} - {{ unix_millis('tweets.created_at') }}) / as_of.millis_to_come)
            else 0.0
        end as newness

    from tweets

    cross join as_of
    left join fav_sums on tweets.tweet_id = fav_sums.tweet_id
),

mean_favs as (select avg(cast(fav_count as float64)) as mean_fav_count from faved_tweets),

scored_tweets as (
    select
        faved_tweets.author_id,
        faved_tweets.tweet_id,
        cast(
            faved_tweets.fresh_favs + {{ favs_to_come }} * mean_favs.mean_fav_count * faved_tweets.newness as float64
        ) as tweet_score

    from faved_tweets

    cross join mean_favs
),

author_tweets as (
    select author_id, tweet_id, tweet_score

    from scored_tweets

    where tweet_score > 0

    qualify {{ top_k_per('author_id', 'tweet_score', 'tweet_id', '(select limits.items_per_group from limits)') }}
)

select * from author_tweets

{{ stored_in_order(['author_id']) }}
