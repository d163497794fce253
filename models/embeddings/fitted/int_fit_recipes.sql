{# Follows that a trial reads at most: fewer, and the choice depends on who is drawn. SQL takes ten times as long. #}
{% set most_follows = 50000 if engine_of('products') == 'sql' else 500000 %}

with

fit_recipes as (select regression_penalty, length_power, preference from {{ ref('fit_recipes') }}),
follows as (select consumer_id from {{ ref('int_eligible_follows') }}),

follow_counts as (select count(*) as follow_count from follows),

{# A penalty is a number of consumers, so a share of them wants a share of it. #}
recipes as (
    select
        fit_recipes.regression_penalty,
        fit_recipes.length_power,
        fit_recipes.preference,
        cast(least(1.0, {{ most_follows }} / greatest(follow_counts.follow_count, 1)) as float64) as consumer_share

    from fit_recipes

    cross join follow_counts
)

select * from recipes
