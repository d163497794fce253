{{ config(materialized = 'view') }}

with

fav_states as (select user_id, tweet_id, faved_at from {{ ref('int_fav_states') }} where is_faved),

numbered_favs as (
    select
        tweet_id,
        user_id,
        faved_at,
        row_number() over (partition by tweet_id order by faved_at, user_id) as fav_number,
        min(faved_at) over (partition by tweet_id) as first_faved_at

    from fav_states
)

select * from numbered_favs
