with

{# A number stands for the name, because texts would be compared for every row. #}
recipes as (
    select
        embedding_type, consumer_score, is_by_language, is_log_scaled, minimum_entity_score,
        row_number() over (order by embedding_type) as recipe_number
    from {{ ref('entity_embedding_recipes') }}
),
entity_favs as (select consumer_id, topic_id as entity_id, entity_fav_score from {{ ref('int_consumer_topic_favs') }}),
languages as (select user_id, language from {{ ref('stg_users') }} where language is not null),
interests as (select consumer_score, consumer_id, cluster_id, interested_in_score from {{ ref('int_interests_before_opt_outs') }}),

{# The natural logarithm, unlike the log favs of the graph. A consumer without a language is in no language. #}
entity_consumers as (
    select
        recipes.recipe_number,
        recipes.consumer_score,
        entity_favs.entity_id,
        case when recipes.is_by_language then languages.language else 'all' end as consumer_language,
        entity_favs.consumer_id,
        case when recipes.is_log_scaled then ln(1 + entity_favs.entity_fav_score) else entity_favs.entity_fav_score end
            as entity_weight

    from recipes

    cross join entity_favs
    left join languages on entity_favs.consumer_id = languages.user_id

    where languages.language is not null
        or not recipes.is_by_language
),

entity_norms as (
    select
        recipe_number,
        entity_id,
        consumer_language,
        sqrt(sum(entity_weight * entity_weight)) as entity_norm

    from entity_consumers

    group by recipe_number, entity_id, consumer_language
),

dot_products as (
    select
        entity_consumers.recipe_number,
        entity_consumers.entity_id,
        entity_consumers.consumer_language,
        interests.cluster_id,
        sum(entity_consumers.entity_weight * interests.interested_in_score) as dot_product

    from entity_consumers

    inner join interests
        on entity_consumers.consumer_score = interests.consumer_score
            and entity_consumers.consumer_id = interests.consumer_id

    group by
        entity_consumers.recipe_number,
        entity_consumers.entity_id,
        entity_consumers.consumer_language,
        interests.cluster_id
),

entity_scores as (
    select
        recipes.embedding_type,
        dot_products.entity_id,
        dot_products.consumer_language,
        dot_products.cluster_id,
        cast({{ rounded_score('dot_products.dot_product / nullif(entity_norms.entity_norm, 0)') }} as float64) as entity_score

    from dot_products

    inner join entity_norms
        on dot_products.recipe_number = entity_norms.recipe_number
            and dot_products.entity_id = entity_norms.entity_id
            and dot_products.consumer_language = entity_norms.consumer_language

    inner join recipes on dot_products.recipe_number = recipes.recipe_number

    where {{ rounded_score('dot_products.dot_product / nullif(entity_norms.entity_norm, 0)') }} > recipes.minimum_entity_score
)

select * from entity_scores
