{# A recipe can name what nothing makes. It then gives no rows and no error. By seed and column: the kind of name. #}
{% set references = [
    ('engagement_types', 'undoes_type', 'engagement_types'),
    ('engagement_pair_types', 'engagement_type', 'engagement_types'),
    ('engagement_pair_types', 'pair_name', 'pair_names'),
    ('tweet_embedding_recipes', 'pair_name', 'pair_names'),
    ('engagement_index_recipes', 'pair_name', 'pair_names'),
    ('engagement_index_recipes', 'fav_pair_name', 'pair_names'),
    ('fav_rate_recipes', 'audience_name', 'audience_names'),
    ('candidate_recipes', 'embedding_type', 'embedding_types'),
    ('candidate_recipes', 'index_name', 'engagement_indexes'),
    ('engagement_index_recipes', 'vectors_of', 'engagement_indexes'),
    ('engagement_index_recipes', 'intersected_index_name', 'index_names'),
    ('ann_configs', 'index_name', 'index_names'),
] %}

with

known_names as (
    select 'engagement_types' as kind, engagement_type as known_name from {{ ref('engagement_types') }}
    union all
    select 'pair_names' as kind, pair_name as known_name from {{ ref('engagement_pair_recipes') }}
    union all
    select 'audience_names' as kind, audience_name as known_name from {{ ref('fav_rate_audiences') }}
    union all
    select 'embedding_types' as kind, embedding_type as known_name from {{ ref('tweet_embedding_recipes') }}
    union all
    select 'embedding_types' as kind, embedding_type as known_name from {{ ref('fav_rate_recipes') }}
    union all
    select 'engagement_indexes' as kind, index_name as known_name from {{ ref('engagement_index_recipes') }}
    union all
    select 'index_names' as kind, index_name as known_name from {{ ref('engagement_index_recipes') }}
    union all
    select 'index_names' as kind, embedding_type as known_name from {{ ref('fav_rate_recipes') }}
    union all
    select 'index_names' as kind, index_name as known_name from {{ ref('tweet_snapshot_recipes') }} where index_name is not null
    union all
    select 'index_names' as kind, index_name as known_name from {{ ref('live_index_recipes') }}
),

asked_names as (
    {% for seed, column, kind in references %}
        select '{{ kind }}' as kind, '{{ seed }}.{{ column }}' as named_by, {{ column }} as asked_name
        from {{ ref(seed) }} where {{ column }} is not null
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

list_ways as (
    select count(*) as way_count
    from (
        select distinct known_power, activity_power, deducted_followers from {{ ref('co_follow_recipes') }}
        where regression_penalty = 0
    ) as distinct_ways
),

regression_powers as (
    select count(distinct activity_power) as power_count from {{ ref('co_follow_recipes') }}
    where regression_penalty > 0
),

dangling_recipes as (
    select asked_names.named_by, asked_names.asked_name

    from asked_names

    left join known_names
        on asked_names.kind = known_names.kind
            and asked_names.asked_name = known_names.known_name

    where known_names.known_name is null

    union all

    {# A live index knows no norms of whole tweets. #}
    select recipes.config_name as named_by, recipes.scored_over as asked_name

    from {{ ref('ann_configs') }} as recipes

    inner join {{ ref('live_index_recipes') }} as live_recipes on recipes.index_name = live_recipes.index_name

    where recipes.scored_over <> 'scanned'

    union all

    {# for_list_ways gives each of these a column, and has eight of them. #}
    select 'co_follow_recipes' as named_by, 'a ninth way to weigh a list' as asked_name

    from list_ways

    where way_count > 8

    union all

    {# int_regression_pairs weighs followers once for all of these. #}
    select 'co_follow_recipes' as named_by, 'regressions with two activity powers' as asked_name

    from regression_powers

    where power_count > 1
)

select * from dangling_recipes
