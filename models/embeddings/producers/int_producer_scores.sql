{{ config(materialized = 'bucketed_table') }}

{% set minimum_audience = resolved_number(
    var('producer_embedding_minimum_audience'), 'producer_embedding_minimum_audience', ref('int_graph_settings')
) %}
{% set minimum_cap, score_floor = var('recipe_minimum_cap'), var('producer_embedding_floor') %}
{% set scores = dict(follow_based='follow_based', fav_based='fav_based', follow='follow_score', fav='fav_score', log_fav='log_fav_score') %}
{% set cosines = dict(scores, follow='follow_cosine', fav='fav_cosine', log_fav='log_fav_cosine') %}

{# Each edge meets every community of its consumer. #}
{{ buckets_by_join(ref('user_user_graph'), 'producer_id', ref('interested_in'), on=['consumer_id']) }}

with

recipes as (
    select 'follow_based_producer' as embedding_type, 'follow_based' as score_name, cast(null as int64) as minimum_favers
    union all
    select 'fav_based_producer' as embedding_type, 'fav_based' as score_name, cast(null as int64) as minimum_favers
    union all
    select embedding_type, consumer_score as score_name, least(minimum_favers, {{ minimum_cap }}) as minimum_favers
    from {{ ref('aggregatable_producer_recipes') }}
),
producers as (select producer_id, follower_count, faver_count from {{ ref('producers') }}),
user_user_graph as (
    select
        consumer_id, producer_id, follow_score_producer_normalized as follow_score, fav_score, log_fav_score, fav_score_producer_normalized
    from {{ ref('user_user_graph') }} where {{ bucket_filter('producer_id') }}
),
interested_in as (
    select consumer_id, cluster_id, follow_score, fav_score, log_fav_score, follow_score_cluster_normalized, fav_score_cluster_normalized
    from {{ ref('interested_in') }}
),
cluster_norms as (select cluster_id, follow_norm, fav_norm, log_fav_norm from {{ ref('int_interest_norms') }}),

{# The filter comes first, so the long tail is never multiplied. As in the original, the aggregatable follow type asks for favers too. #}
known_producers as (
    select producer_id, follower_count, faver_count from producers
    where greatest(follower_count, faver_count) > {{ minimum_audience }}
        or faver_count >= (select min(recipes.minimum_favers) from recipes)
),

{# The norm of exactly what is multiplied: edges left after the cut to the best producers of each consumer. #}
producer_norms as (
    select
        producer_id,
        sqrt(sum(follow_score * follow_score)) as follow_norm,
        sqrt(sum(fav_score * fav_score)) as fav_norm,
        sqrt(sum(log_fav_score * log_fav_score)) as log_fav_norm

    from user_user_graph

    group by producer_id
),

{# One pass over edges times interests serves every type. #}
cluster_sums as (
    select
        graph.producer_id,
        interested_in.cluster_id,
        sum(graph.follow_score * interested_in.follow_score_cluster_normalized) as follow_based,
        sum(graph.fav_score_producer_normalized * interested_in.fav_score_cluster_normalized) as fav_based,
        sum(graph.follow_score * interested_in.follow_score) as follow_sum,
        sum(graph.fav_score * interested_in.fav_score) as fav_sum,
        sum(graph.log_fav_score * interested_in.log_fav_score) as log_fav_sum

    from user_user_graph as graph

    inner join known_producers on graph.producer_id = known_producers.producer_id
    inner join interested_in on graph.consumer_id = interested_in.consumer_id

    group by graph.producer_id, interested_in.cluster_id
),

{# The cosine decides, but an aggregatable score keeps the norm of the producer, so vectors of several producers add up. #}
cluster_scores as (
    select
        sums.producer_id, sums.cluster_id, sums.follow_based, sums.fav_based,
        sums.follow_sum / nullif(norms.follow_norm, 0) as follow_score,
        sums.fav_sum / nullif(norms.fav_norm, 0) as fav_score,
        sums.log_fav_sum / nullif(norms.log_fav_norm, 0) as log_fav_score,
        coalesce(sums.follow_sum / nullif(norms.follow_norm * producer_norms.follow_norm, 0), 0.0) as follow_cosine,
        coalesce(sums.fav_sum / nullif(norms.fav_norm * producer_norms.fav_norm, 0), 0.0) as fav_cosine,
        coalesce(sums.log_fav_sum / nullif(norms.log_fav_norm * producer_norms.log_fav_norm, 0), 0.0) as log_fav_cosine

    from cluster_sums as sums

    inner join cluster_norms as norms on sums.cluster_id = norms.cluster_id
    inner join producer_norms on sums.producer_id = producer_norms.producer_id
),

scores_by_type as (
    select
        recipes.embedding_type, recipes.score_name, recipes.minimum_favers, scores.producer_id, scores.cluster_id,
        {{ score_named('recipes.score_name', scores) }} as score,
        {{ score_named('recipes.score_name', cosines) }} as cosine

    from cluster_scores as scores

    cross join recipes

    where {{ rounded_score('greatest(' ~ cosines.values() | join(', ') ~ ')') }} >= {{ score_floor }}
),

kept_scores as (
    select scores.embedding_type, scores.producer_id, scores.cluster_id, cast(scores.score as float64) as producer_score

    from scores_by_type as scores

    inner join known_producers on scores.producer_id = known_producers.producer_id

    where scores.score > 0
        and case
            when scores.score_name = 'follow_based' then known_producers.follower_count > {{ minimum_audience }}
            when scores.score_name = 'fav_based' then known_producers.faver_count > {{ minimum_audience }}
            else known_producers.faver_count >= scores.minimum_favers and {{ rounded_score('scores.cosine') }} > {{ score_floor }}
        end
        and {{ rounded_score('scores.cosine') }} >= {{ score_floor }}
)

select * from kept_scores
