{# SQL stores what each row meets: as many rows as there are nearest producers. #}
{% set rows_at_once = 10 if engine_of('similarity') == 'sql' else 1 %}
{# Mean share of the consumers who follow a producer. Regressions lost on each set of data with less (benchmarks/recommendation). #}
{% set least_share = 0.0005 %}

with

limits as (select regression_producers, regression_rows from {{ ref('similarity_limits') }}),
producers as (select follower_count from {{ ref('int_similarity_producers') }}),
follows as (select consumer_id from {{ ref('int_similarity_follows') }}),

producer_counts as (select count(*) as producer_count, avg(follower_count) as mean_followers from producers),

room_for_regressions as (
    select producer_counts.mean_followers

    from limits

    cross join producer_counts

    where {{ rows_at_once }} * limits.regression_producers * producer_counts.producer_count <= limits.regression_rows
),

{# Counted only where there is room, because the follows may be many. #}
dense_follows as (
    select room_for_regressions.mean_followers

    from follows

    cross join room_for_regressions

    group by room_for_regressions.mean_followers

    having room_for_regressions.mean_followers >= {{ least_share }} * count(distinct follows.consumer_id)
),

tried_recipes as (
    select
        known_power,
        activity_power,
        popularity_power,
        added_means,
        deducted_followers,
        crowding_power,
        regression_penalty,
        preference

    from {{ ref('co_follow_recipes') }}

    where regression_penalty = 0
        or exists (select 1 from dense_follows)
        or not exists (select 1 from {{ ref('co_follow_recipes') }} as sums where sums.regression_penalty = 0)
)

select * from tried_recipes
