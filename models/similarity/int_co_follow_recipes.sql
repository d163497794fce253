{# SQL stores what each row meets: as many rows as there are nearest producers. #}
{% set rows_at_once = 10 if engine_of('similarity') == 'sql' else 1 %}

with

recipes as (
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
),
limits as (select regression_producers, regression_rows from {{ ref('similarity_limits') }}),
producers as (select producer_id from {{ ref('int_similarity_producers') }}),

producer_counts as (select count(*) as producer_count from producers),

tried_recipes as (
    select
        recipes.known_power,
        recipes.activity_power,
        recipes.popularity_power,
        recipes.added_means,
        recipes.deducted_followers,
        recipes.chance_share,
        recipes.crowding_power,
        recipes.regression_penalty,
        recipes.preference

    from recipes

    cross join limits
    cross join producer_counts

    where recipes.regression_penalty = 0
        or {{ rows_at_once }} * limits.regression_producers * producer_counts.producer_count <= limits.regression_rows
)

select * from tried_recipes
