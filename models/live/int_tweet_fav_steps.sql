{% set half_life_millis = var('stream_half_life_hours') * 3600000 %}
{% set window_millis = var('stream_window_hours') * 3600000 %}

with

fav_states as (select user_id, tweet_id, faved_at from {{ ref('int_fav_states') }} where is_faved),
interests as (select consumer_id, cluster_id, interest from {{ ref('int_stream_interests') }}),

numbered_favs as (

    select
        tweet_id,
        user_id,
        faved_at,
        row_number() over (partition by tweet_id order by faved_at, user_id) as fav_number,
        min(faved_at) over (partition by tweet_id) as first_faved_at

    from fav_states

),

{#
    Forward decay: a later fav weighs more, so a running sum, scaled down once, is the sum after each fav. The window bounds the exponent;
    the original does not update older tweets either.
#}
growing_favs as (

    select
        tweet_id,
        user_id,
        faved_at,
        fav_number,
        pow(2, ({{ unix_millis('faved_at') }} - {{ unix_millis('first_faved_at') }}) / {{ half_life_millis }}.0) as growth

    from numbered_favs

    where {{ unix_millis('faved_at') }} - {{ unix_millis('first_faved_at') }} < {{ window_millis }}

),

weighted_favs as (

    select
        growing_favs.tweet_id,
        growing_favs.fav_number,
        growing_favs.faved_at,
        growing_favs.growth,
        interests.cluster_id,
        interests.interest * growing_favs.growth as grown_interest

    from growing_favs

    inner join interests
        on growing_favs.user_id = interests.consumer_id

),

running_sums as (

    select
        tweet_id,
        fav_number,
        faved_at,
        growth,
        cluster_id,
        grown_interest,
        sum(grown_interest) over (
            partition by tweet_id, cluster_id
            order by fav_number
            rows between unbounded preceding and current row
        ) as grown_sum

    from weighted_favs

),

{# A fav changes only its own communities, so the squared norm grows by the difference of their squares. #}
steps as (

    select
        tweet_id,
        fav_number,
        faved_at,
        growth,
        cast(
            sum(grown_sum * grown_sum - (grown_sum - grown_interest) * (grown_sum - grown_interest)) as float64
        ) as squared_norm_change

    from running_sums

    group by tweet_id, fav_number, faved_at, growth

),

normed_steps as (

    select
        tweet_id,
        fav_number,
        faved_at,
        growth,
        sqrt(greatest(sum(squared_norm_change) over (
            partition by tweet_id
            order by fav_number
            rows between unbounded preceding and current row
        ), 0.0)) / growth as tweet_norm

    from steps

)

select * from normed_steps
