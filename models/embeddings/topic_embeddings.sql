{% set clusters_per_topic = var('clusters_per_topic') %}
{% set score_override = var('consumer_score') %}

with

recipes as (

    select
        embedding_type,
        {{ recipe_consumer_score(score_override) }} as consumer_score,
        minimum_topic_score

    from {{ ref('topic_embedding_recipes') }}

),

consumer_scores as (

    select
        consumer_score,
        consumer_id,
        cluster_id,
        interested_in_score

    from {{ ref('consumer_scores') }}

),

topic_favs as (

    select
        consumer_id,
        topic_id,
        topic_fav_score

    from {{ ref('int_consumer_topic_favs') }}

),

cluster_norms as (

    select
        consumer_score,
        cluster_id,
        sqrt(sum(interested_in_score * interested_in_score)) as cluster_norm

    from consumer_scores

    group by
        consumer_score,
        cluster_id

),

topic_norms as (

    select
        topic_id,
        sqrt(sum(topic_fav_score * topic_fav_score)) as topic_norm

    from topic_favs

    group by topic_id

),

dot_products as (

    select
        consumer_scores.consumer_score,
        topic_favs.topic_id,
        consumer_scores.cluster_id,
        sum(consumer_scores.interested_in_score * topic_favs.topic_fav_score) as dot_product

    from topic_favs

    inner join consumer_scores
        on topic_favs.consumer_id = consumer_scores.consumer_id

    group by
        consumer_scores.consumer_score,
        topic_favs.topic_id,
        consumer_scores.cluster_id

),

topic_scores as (

    select
        recipes.embedding_type,
        dot_products.topic_id,
        dot_products.cluster_id,
        dot_products.dot_product
        / nullif(topic_norms.topic_norm * cluster_norms.cluster_norm, 0) as topic_score

    from recipes

    inner join dot_products
        on recipes.consumer_score = dot_products.consumer_score

    inner join topic_norms
        on dot_products.topic_id = topic_norms.topic_id

    inner join cluster_norms
        on dot_products.consumer_score = cluster_norms.consumer_score
            and dot_products.cluster_id = cluster_norms.cluster_id

    where {{ rounded_score(
        'dot_products.dot_product / nullif(topic_norms.topic_norm * cluster_norms.cluster_norm, 0)'
    ) }} > recipes.minimum_topic_score

),

ranked_clusters as (

    select
        embedding_type,
        topic_id,
        cluster_id,
        {{ rank_per(['embedding_type', 'topic_id'], 'topic_score', 'cluster_id') }} as cluster_rank,
        topic_score

    from topic_scores

),

kept_clusters as (

    select
        embedding_type,
        topic_id,
        cluster_id,
        cluster_rank,
        topic_score

    from ranked_clusters

    where cluster_rank <= {{ clusters_per_topic }}

)

select * from kept_clusters
