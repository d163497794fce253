{# As many followers as lose at most this share of the follows, between these numbers. #}
{% set lost_share, fewest, most = 0.003, 2, 5 %}
{% set asked_followers, asked_audience = var('minimum_active_followers'), var('producer_embedding_minimum_audience') %}
{% set asked_score, asked_consumers = var('consumer_score'), var('evaluation_maximum_consumers') %}
{% set used_followers = 'minimum_followers' if asked_followers == 'auto' else asked_followers %}

with

user_producer_edges as (select consumer_id, producer_id, is_followed, fav_score from {{ ref('int_user_producer_edges') }}),
inactive_users as (select user_id from {{ ref('stg_users') }} where not is_active),

producer_counts as (
    select
        edges.producer_id,
        count(case when edges.is_followed then 1 end) as follow_count,
        count(case when edges.is_followed and inactive_users.user_id is null then 1 end) as active_follower_count,
        count(case when edges.fav_score > 0 then 1 end) as fav_count

    from user_producer_edges as edges

    left join inactive_users on edges.consumer_id = inactive_users.user_id

    group by edges.producer_id
),

minimums as (
    {% for minimum in range(fewest, most + 1) %}
        select cast({{ minimum }} as int64) as minimum_followers {{ 'union all' if not loop.last }}
    {% endfor %}
),

lost_follows as (
    select
        minimums.minimum_followers,
        coalesce(
            sum(case when producer_counts.active_follower_count < minimums.minimum_followers then producer_counts.follow_count else 0 end)
            / nullif(sum(producer_counts.follow_count), 0), 0.0
        ) as lost_share

    from minimums

    left join producer_counts on true

    group by minimums.minimum_followers
),

chosen_minimum as (
    select minimum_followers, lost_share

    from lost_follows

    where lost_share <= {{ lost_share }} or minimum_followers = {{ fewest }}

    qualify row_number() over (order by minimum_followers desc) = 1
),

fav_totals as (select coalesce(sum(fav_count), 0) as fav_count from producer_counts),
consumer_totals as (select count(distinct consumer_id) as consumer_count from user_producer_edges),

settings as (
    select
        'minimum_active_followers' as setting_name,
        {{ quoted_text(asked_followers | string) }} as asked,
        {{ used_followers }} as used_number,
        lost_share as measured,
        'share of the follows that go to producers with fewer, at most {{ lost_share }} above {{ fewest }}' as reason

    from chosen_minimum

    union all

    select
        'producer_embedding_minimum_audience' as setting_name,
        {{ quoted_text(asked_audience | string) }} as asked,
        {{ used_followers if asked_audience == 'auto' else asked_audience }} as used_number,
        lost_share as measured,
        'as minimum_active_followers' as reason

    from chosen_minimum

    union all

    select
        'consumer_score' as setting_name,
        {{ quoted_text(asked_score) }} as asked,
        {{ 'case when fav_count = 0 then 1 else 0 end' if asked_score == 'auto' else 1 if asked_score == 'follow' else 0 }} as used_number,
        fav_count as measured,
        'favs that reach a producer: 1 is follow for all recipes, 0 is what each recipe says' as reason

    from fav_totals

    union all

    {# Not every consumer has something held out. #}
    select
        'evaluation_maximum_consumers' as setting_name,
        '{{ asked_consumers }}' as asked,
        least(2 * cast({{ asked_consumers }} as int64), consumer_count) as used_number,
        consumer_count as measured,
        '' as reason

    from consumer_totals
),

graph_settings as (
    select
        setting_name,
        asked,
        cast(used_number as float64) as used_number,
        cast(measured as float64) as measured,
        case
            when asked = 'auto' then reason
            when setting_name = 'evaluation_maximum_consumers' then 'recipes for comparison are made for twice as many, or for all'
            else 'asked for'
        end as reason

    from settings
)

select * from graph_settings
