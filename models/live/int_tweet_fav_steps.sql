{% set half_life_millis = var('stream_half_life_hours') * 3600000 %}
{% set window_millis = var('stream_window_hours') * 3600000 %}

with

favs as (select tweet_id, user_id, faved_at, fav_number, first_faved_at from {{ ref('int_numbered_favs') }}),
interests as (select consumer_id, cluster_id, interest from {{ ref('int_stream_interests') }}),

{#
    Forward decay: a later fav weighs more, so a running sum, scaled down once, is the sum after each fav. The window bounds the exponent;
    the original does not update older tweets either.
#}
weighted_favs as (
    select
        favs.tweet_id,
        favs.fav_number,
        favs.faved_at,
        pow(2, ({{ unix_millis('favs.faved_at') }} - {{ unix_millis('favs.first_faved_at') }}) / {{ half_life_millis }}.0) as growth,
        interests.cluster_id,
        interests.interest

    from favs

    inner join interests on favs.user_id = interests.consumer_id

    where {{ unix_millis('favs.faved_at') }} - {{ unix_millis('favs.first_faved_at') }} < {{ window_millis }}
),

running_sums as (
    select
        tweet_id,
        fav_number,
        faved_at,
        growth,
        interest * growth as grown_interest,
        sum(interest * growth) over (
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
