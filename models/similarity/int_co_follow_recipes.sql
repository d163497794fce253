{# SQL stores what each row meets: as many rows as there are nearest producers. #}
{% set rows_at_once = 10 if engine_of('similarity') == 'sql' else 1 %}

with

limits as (select regression_producers, regression_rows from {{ ref('similarity_limits') }}),
producers as (select producer_id from {{ ref('int_similarity_producers') }}),

producer_counts as (select count(*) as producer_count from producers),

room_for_regressions as (
    select limits.regression_rows

    from limits

    cross join producer_counts

    where {{ rows_at_once }} * limits.regression_producers * producer_counts.producer_count <= limits.regression_rows
),

tried_recipes as (
    select
        known_power,
        activity_power,
        popularity_power,
        added_means,
        deducted_followers,
        chance_share,
        crowding_power,
        regression_penalty,
        preference

    from {{ ref('co_follow_recipes') }}

    where regression_penalty = 0
        or exists (select 1 from room_for_regressions)
)

select * from tried_recipes
