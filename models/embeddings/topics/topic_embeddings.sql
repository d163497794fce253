{{ config(cluster_by = ['topic_id', 'embedding_type', 'cluster_id']) }}

{% set minimum_cap = var('recipe_minimum_cap') %}
{% set score_override = var('consumer_score') %}

with

recipes as (
    select
        embedding_type, topic_source, {{ recipe_consumer_score(score_override, ref('int_graph_settings')) }} as consumer_score,
        least(minimum_consumers, {{ minimum_cap }}) as minimum_consumers,
        least(minimum_local_consumers, {{ minimum_cap }}) as minimum_local_consumers, minimum_topic_score, clusters_per_topic
    from {{ ref('topic_embedding_recipes') }}
),

topic_consumers as (
    select topic_source, topic_id, consumer_language, consumer_country, consumer_id, topic_weight
    from {{ ref('int_topic_consumers') }}
),
interests as (select consumer_score, consumer_id, cluster_id, interested_in_score from {{ ref('consumer_scores') }}),
cluster_norms as (select cluster_id, follow_norm, fav_norm, log_fav_norm from {{ ref('int_interest_norms') }}),

{#
    The norm of followers is sqrt(followers). The original divides by it, although its documentation describes a plain sum. Weights of languages
    add up to followers.
#}
topic_norms as (
    select
        topic_source, topic_id, consumer_language, consumer_country,
        {{ rounded_score("sum(case when topic_source = 'favs' then 1.0 else topic_weight end)") }} as consumer_count,
        sqrt(sum(topic_weight * topic_weight)) as topic_norm

    from topic_consumers

    group by topic_source, topic_id, consumer_language, consumer_country
),

{# What is too small is left out before it meets interests. A number stands for the rest, because texts would be compared for every row. #}
embedded_topics as (
    select
        recipes.embedding_type,
        recipes.topic_source,
        recipes.consumer_score,
        recipes.minimum_topic_score,
        recipes.clusters_per_topic,
        topic_norms.topic_id, topic_norms.consumer_language, topic_norms.consumer_country, topic_norms.topic_norm,
        row_number() over (
            order by recipes.embedding_type, topic_norms.topic_id, topic_norms.consumer_language, topic_norms.consumer_country
        ) as topic_number

    from recipes

    inner join topic_norms
        on recipes.topic_source = topic_norms.topic_source
            and case when topic_norms.consumer_country = 'all' then recipes.minimum_consumers else recipes.minimum_local_consumers end
            <= topic_norms.consumer_count
),

dot_products as (
    select
        embedded_topics.topic_number,
        interests.cluster_id,
        sum(topic_consumers.topic_weight * interests.interested_in_score) as dot_product

    from embedded_topics

    inner join topic_consumers
        on embedded_topics.topic_source = topic_consumers.topic_source
            and embedded_topics.topic_id = topic_consumers.topic_id
            and embedded_topics.consumer_language = topic_consumers.consumer_language
            and embedded_topics.consumer_country = topic_consumers.consumer_country

    inner join interests
        on topic_consumers.consumer_id = interests.consumer_id
            and embedded_topics.consumer_score = interests.consumer_score

    group by embedded_topics.topic_number, interests.cluster_id
),

topic_scores as (
    select
        embedded_topics.embedding_type, embedded_topics.topic_id, embedded_topics.topic_number,
        embedded_topics.consumer_language, embedded_topics.consumer_country,
        dot_products.cluster_id,
        cast(dot_products.dot_product / nullif(
            embedded_topics.topic_norm
            * {{ score_named('embedded_topics.consumer_score', {'follow': 'follow_norm', 'fav': 'fav_norm', 'log_fav': 'log_fav_norm'}) }},
            0
        ) as float64) as topic_score,
        embedded_topics.minimum_topic_score,
        embedded_topics.clusters_per_topic

    from dot_products

    inner join embedded_topics on dot_products.topic_number = embedded_topics.topic_number
    inner join cluster_norms on dot_products.cluster_id = cluster_norms.cluster_id
),

kept_clusters as (
    select
        embedding_type, topic_id, consumer_language, consumer_country, cluster_id,
        {{ rank_per('topic_number', 'topic_score', 'cluster_id') }} as cluster_rank,
        topic_score

    from topic_scores

    where {{ rounded_score('topic_score') }} > minimum_topic_score

    qualify cluster_rank <= clusters_per_topic
)

select * from kept_clusters

{{ stored_in_order(['topic_id', 'embedding_type', 'cluster_id']) }}
