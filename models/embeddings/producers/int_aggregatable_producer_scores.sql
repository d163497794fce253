{{ config(materialized = 'bucketed_table', meta = {'rows_per_bucket': var('rows_per_bucket')}) }}

{% set minimum_cap = var('recipe_minimum_cap') %}
{% set score_floor = var('producer_embedding_floor') %}

{# Each edge of a producer meets every interest of its consumer, for each kind of score. #}
{{ buckets_by_join(ref('user_user_graph'), 'producer_id', ref('int_consumer_scores_normalized'), on=['consumer_id']) }}

with

recipes as (
    select embedding_type, consumer_score, least(minimum_favers, {{ minimum_cap }}) as minimum_favers
    from {{ ref('aggregatable_producer_recipes') }}
),
producers as (select producer_id, faver_count from {{ ref('producers') }}),
user_user_graph as (
    select consumer_id, producer_id, follow_score_producer_normalized as follow_score, fav_score, log_fav_score
    from {{ ref('user_user_graph') }}
),
interests as (select consumer_score, consumer_id, cluster_id, interested_in_score from {{ ref('int_consumer_scores_normalized') }}),

{# The filter comes first, so the long tail is never multiplied. As in the original, the follow type asks for favers too. #}
known_producers as (
    select producer_id, faver_count

    from producers

    where faver_count >= (select min(recipes.minimum_favers) from recipes)
),

edges_by_name as (
    {% for score in ['follow', 'fav', 'log_fav'] %}
        select
            '{{ score }}' as consumer_score,
            graph.consumer_id,
            graph.producer_id,
            graph.{{ score }}_score as edge_score

        from user_user_graph as graph

        inner join known_producers on graph.producer_id = known_producers.producer_id

        where graph.{{ score }}_score > 0
            and {{ bucket_filter('graph.producer_id') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

{# The norm of exactly what is multiplied: edges left after the cut to the best producers of each consumer. #}
producer_norms as (
    select
        consumer_score,
        producer_id,
        sqrt(sum(edge_score * edge_score)) as producer_norm

    from edges_by_name

    group by consumer_score, producer_id
),

dot_products as (
    select
        edges_by_name.consumer_score,
        edges_by_name.producer_id,
        interests.cluster_id,
        cast(sum(edges_by_name.edge_score * interests.interested_in_score) as float64) as producer_score

    from edges_by_name

    inner join interests
        on edges_by_name.consumer_score = interests.consumer_score
            and edges_by_name.consumer_id = interests.consumer_id

    group by edges_by_name.consumer_score, edges_by_name.producer_id, interests.cluster_id
),

{# The cosine decides, but the score keeps the norm of the producer, so vectors of several producers add up. #}
kept_scores as (
    select recipes.embedding_type, dot_products.producer_id, dot_products.cluster_id, dot_products.producer_score

    from recipes

    inner join dot_products on recipes.consumer_score = dot_products.consumer_score

    inner join known_producers
        on dot_products.producer_id = known_producers.producer_id
            and recipes.minimum_favers <= known_producers.faver_count

    inner join producer_norms
        on dot_products.consumer_score = producer_norms.consumer_score
            and dot_products.producer_id = producer_norms.producer_id

    where {{ rounded_score('dot_products.producer_score / producer_norms.producer_norm') }} > {{ score_floor }}
)

select * from kept_scores
