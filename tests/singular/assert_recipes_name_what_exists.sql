{# A recipe can name an embedding or an index that no other recipe makes. It then gives no rows and no error. #}
with

embedding_types as (
    select embedding_type from {{ ref('tweet_embedding_recipes') }}

    union distinct

    select embedding_type from {{ ref('fav_rate_recipes') }}
),

index_names as (
    select index_name from {{ ref('engagement_index_recipes') }}

    union distinct

    select embedding_type as index_name from {{ ref('fav_rate_recipes') }}

    union distinct

    select index_name from {{ ref('tweet_snapshot_recipes') }} where index_name is not null

    union distinct

    select index_name from {{ ref('live_index_recipes') }}
),

list_ways as (
    select count(*) as way_count
    from (select distinct known_power, activity_power, deducted_followers from {{ ref('co_follow_recipes') }}) as distinct_ways
),

dangling_recipes as (
    select recipes.candidate_type as recipe_name, recipes.embedding_type as missing_name

    from {{ ref('candidate_recipes') }} as recipes

    left join embedding_types on recipes.embedding_type = embedding_types.embedding_type

    where recipes.embedding_type is not null
        and embedding_types.embedding_type is null

    union all

    select recipes.config_name as recipe_name, recipes.index_name as missing_name

    from {{ ref('ann_configs') }} as recipes

    left join index_names on recipes.index_name = index_names.index_name

    where index_names.index_name is null

    union all

    select recipes.index_name as recipe_name, recipes.intersected_index_name as missing_name

    from {{ ref('engagement_index_recipes') }} as recipes

    left join index_names on recipes.intersected_index_name = index_names.index_name

    where recipes.intersected_index_name is not null
        and index_names.index_name is null

    union all

    {# A live index knows no norms of whole tweets. #}
    select recipes.config_name as recipe_name, recipes.scored_over as missing_name

    from {{ ref('ann_configs') }} as recipes

    inner join {{ ref('live_index_recipes') }} as live_recipes on recipes.index_name = live_recipes.index_name

    where recipes.scored_over <> 'scanned'

    union all

    {# for_list_ways gives each of these a column, and has eight of them. #}
    select 'co_follow_recipes' as recipe_name, 'a ninth way to weigh a list' as missing_name

    from list_ways

    where way_count > 8
)

select * from dangling_recipes
