{% set half_life_millis = stream_millis(var('stream_half_life_hours')) %}
{% set window_millis = stream_millis(var('stream_window_hours')) %}

with

{{ stretched_times({'half_life_millis': half_life_millis, 'window_millis': window_millis}) }},

limits as (select minimum_score from {{ ref('table_limits') }} where table_name = 'int_tweet_fav_steps'),
numbered_favs as (select tweet_id, user_id, faved_at, fav_number, is_own, live_from from {{ ref('int_numbered_favs') }}),
interests as (select consumer_id, cluster_id, interest from {{ ref('int_stream_interests') }}),

{#
    Forward decay: a later fav weighs more, so a running sum, scaled down once, is the sum after each fav. The window bounds the exponent;
    the original does not update older tweets either.
#}
favs as (
    select
        numbered_favs.tweet_id,
        numbered_favs.user_id,
        numbered_favs.fav_number,
        numbered_favs.faved_at,
        numbered_favs.is_own,
        pow(
            2, ({{ unix_millis('numbered_favs.faved_at') }} - {{ unix_millis('numbered_favs.live_from') }}) / times.half_life_millis
        ) as growth

    from numbered_favs

    cross join times

    where {{ unix_millis('numbered_favs.faved_at') }} - {{ unix_millis('numbered_favs.live_from') }} < times.window_millis
),

running_sums as (
    select
        favs.tweet_id,
        favs.fav_number,
        favs.growth,
        sum(interests.interest * favs.growth) over (
            partition by favs.tweet_id, interests.cluster_id
            order by favs.fav_number
            rows between unbounded preceding and current row
        ) as grown_sum,
        lead(favs.growth) over (partition by favs.tweet_id, interests.cluster_id order by favs.fav_number) as next_growth,
        lead(favs.fav_number) over (partition by favs.tweet_id, interests.cluster_id order by favs.fav_number) as next_fav_number

    from favs

    inner join interests on favs.user_id = interests.consumer_id

    where not favs.is_own
),

{# A sum that does not grow falls to the floor, when the growth is that many times the floor. #}
falling_sums as (
    select
        running_sums.tweet_id,
        running_sums.fav_number,
        running_sums.growth,
        running_sums.grown_sum * running_sums.grown_sum as grown_square,
        running_sums.grown_sum / limits.minimum_score as floor_growth,
        running_sums.next_growth,
        running_sums.next_fav_number

    from running_sums

    cross join limits

    where running_sums.grown_sum > running_sums.growth * limits.minimum_score
),

{# The squared norm gains the square of a sum at its fav. It loses it at the next fav for the community, or at the floor. #}
changes as (
    select tweet_id, growth, fav_number, cast(null as timestamp) as faved_at, grown_square as norm_change
    from falling_sums
    union all
    select tweet_id, next_growth as growth, next_fav_number as fav_number, cast(null as timestamp) as faved_at, -grown_square as norm_change
    from falling_sums where next_growth <= floor_growth
    union all
    select tweet_id, floor_growth as growth, 0 as fav_number, cast(null as timestamp) as faved_at, -grown_square as norm_change
    from falling_sums where next_growth is null or next_growth > floor_growth
    union all
    select tweet_id, growth, fav_number, faved_at, 0.0 as norm_change from favs
),

norms as (
    select
        tweet_id,
        fav_number,
        faved_at,
        growth,
        sqrt(greatest(sum(norm_change) over (
            partition by tweet_id
            order by growth, fav_number, case when faved_at is null then 0 else 1 end
            rows between unbounded preceding and current row
        ), 0.0)) / growth as tweet_norm

    from changes
),

{# A tweet without any score above the floor has no embedding. #}
steps as (
    select norms.tweet_id, norms.fav_number, norms.faved_at, norms.tweet_norm

    from norms

    cross join limits

    where norms.faved_at is not null
        and {{ rounded_score('norms.tweet_norm') }} > limits.minimum_score
)

select * from steps
