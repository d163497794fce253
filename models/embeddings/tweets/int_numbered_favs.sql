{{ config(materialized = 'view') }}

with

fav_states as (select user_id, tweet_id, faved_at from {{ ref('int_fav_states') }} where is_faved),
tweets as (select tweet_id, author_id, created_at from {{ ref('stg_tweets') }}),

favs as (
    select
        fav_states.tweet_id,
        fav_states.user_id,
        fav_states.faved_at,
        row_number() over (partition by fav_states.tweet_id order by fav_states.faved_at, fav_states.user_id) as fav_number,
        coalesce(fav_states.user_id = tweets.author_id, false) as is_own,
        min(fav_states.faved_at) over (partition by fav_states.tweet_id) as first_faved_at,
        coalesce(tweets.created_at, {{ snowflake_created_at('fav_states.tweet_id') }}) as created_at

    from fav_states

    left join tweets on fav_states.tweet_id = tweets.tweet_id
),

{# Nobody favs what is not written: a date after the first fav is wrong, and decays would grow without bound. #}
numbered_favs as (
    select
        tweet_id, user_id, faved_at, fav_number, is_own,
        least(first_faved_at, coalesce(created_at, first_faved_at)) as live_from

    from favs
)

select * from numbered_favs
