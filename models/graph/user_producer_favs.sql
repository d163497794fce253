{{ config(materialized = 'view') }}

{% set served_half_life_days = var('fav_half_life_days') %}

with

{# As in the original, several half-lives side by side. Whoever asks for one half-life pays for one. #}
half_lives as (
    select half_life_days from {{ ref('fav_half_lives') }}
    union distinct
    select cast({{ served_half_life_days }} as float64) as half_life_days
),
as_of as (select as_of from {{ ref('stg_as_of') }}),
fav_states as (select user_id, tweet_id, faved_at, unfaved_at, is_faved from {{ ref('int_fav_states') }}),
tweets as (select tweet_id, author_id from {{ ref('stg_tweets') }} where author_id is not null),
inactive_users as (select user_id from {{ ref('stg_users') }} where not is_active),
limits as (select minimum_score from {{ ref('table_limits') }} where table_name = 'user_producer_favs'),

{# A fav and its un-fav cancel out. An un-fav alone takes back a fav from before the window. #}
contributions as (
    select
        user_id,
        tweet_id,
        case when is_faved then 1.0 else -1.0 end as fav_weight,
        case when is_faved then faved_at else unfaved_at end as contributed_at

    from fav_states

    where is_faved
        or faved_at is null
),

decayed_favs as (
    select
        contributions.user_id as consumer_id,
        tweets.author_id as producer_id,
        half_lives.half_life_days,
        cast(
            sum(
                contributions.fav_weight
                * {{ half_life_decay('contributions.contributed_at', 'as_of.as_of', '(half_lives.half_life_days * 24)') }}
            ) as float64
        ) as fav_score

    from contributions

    cross join as_of
    cross join half_lives
    inner join tweets on contributions.tweet_id = tweets.tweet_id
    left join inactive_users as inactive_consumers on contributions.user_id = inactive_consumers.user_id
    left join inactive_users as inactive_producers on tweets.author_id = inactive_producers.user_id

    where contributions.user_id <> tweets.author_id
        and inactive_consumers.user_id is null
        and inactive_producers.user_id is null

    group by contributions.user_id, tweets.author_id, half_lives.half_life_days
),

kept_favs as (
    select consumer_id, producer_id, half_life_days, fav_score

    from decayed_favs

    where {{ rounded_score('fav_score') }} >= (select limits.minimum_score from limits)
)

select * from kept_favs
