{{ config(materialized = 'bucketed_table', meta = {'rows_per_bucket': var('rows_per_bucket')}) }}

{% set minimum_audience = resolved_number(
    var('producer_embedding_minimum_audience'), 'producer_embedding_minimum_audience', ref('int_graph_settings')
) %}
{% set minimum_cap = var('recipe_minimum_cap') %}
{% set score_floor = var('producer_embedding_floor') %}
{% set lower_bounds, products = ['follow_based', 'fav_based'], ['follow', 'fav', 'log_fav'] %}

{# Each edge meets every community of its consumer. #}
{{ buckets_by_join(ref('user_user_graph'), 'producer_id', ref('interested_in'), on=['consumer_id']) }}

with

types as (
    {% for name in lower_bounds %}
    select '{{ name }}_producer' as embedding_type, '{{ name }}' as score_name, cast(null as int64) as minimum_favers
    union all
    {% endfor %}
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
        or faver_count >= (select min(types.minimum_favers) from types)
),

{# The norm of exactly what is multiplied: edges left after the cut to the best producers of each consumer. #}
producer_norms as (
    select
        producer_id
        {%- for name in products %},
        sqrt(sum({{ name }}_score * {{ name }}_score)) as {{ name }}_norm
        {%- endfor %}

    from user_user_graph

    group by producer_id
),

{# One pass over edges times interests serves every type. #}
cluster_sums as (
    select
        graph.producer_id,
        interested_in.cluster_id,
        sum(graph.follow_score * interested_in.follow_score_cluster_normalized) as follow_based_sum,
        sum(graph.fav_score_producer_normalized * interested_in.fav_score_cluster_normalized) as fav_based_sum
        {%- for name in products %},
        sum(graph.{{ name }}_score * interested_in.{{ name }}_score) as {{ name }}_sum
        {%- endfor %}

    from user_user_graph as graph

    inner join known_producers on graph.producer_id = known_producers.producer_id
    inner join interested_in on graph.consumer_id = interested_in.consumer_id

    group by graph.producer_id, interested_in.cluster_id
),

{# The cosine decides, but an aggregatable score keeps the norm of the producer, so vectors of several producers add up. #}
cluster_scores as (
    select
        sums.producer_id, sums.cluster_id,
        sums.follow_based_sum as follow_based_score, sums.follow_based_sum as follow_based_cosine,
        sums.fav_based_sum as fav_based_score, sums.fav_based_sum as fav_based_cosine
        {%- for name in products %},
        sums.{{ name }}_sum / nullif(norms.{{ name }}_norm, 0) as {{ name }}_score,
        coalesce(sums.{{ name }}_sum / nullif(norms.{{ name }}_norm * producer_norms.{{ name }}_norm, 0), 0.0) as {{ name }}_cosine
        {%- endfor %}

    from cluster_sums as sums

    inner join cluster_norms as norms on sums.cluster_id = norms.cluster_id
    inner join producer_norms on sums.producer_id = producer_norms.producer_id
),

scores_by_type as (
    select
        types.embedding_type, types.score_name, types.minimum_favers, scores.producer_id, scores.cluster_id,
        case types.score_name {% for name in lower_bounds + products %}when '{{ name }}' then {{ name }}_score {% endfor %}end as score,
        case types.score_name {% for name in lower_bounds + products %}when '{{ name }}' then {{ name }}_cosine {% endfor %}end as cosine

    from cluster_scores as scores

    cross join types

    where {{ rounded_score('greatest(' ~ (lower_bounds + products) | join('_cosine, ') ~ '_cosine)') }} >= {{ score_floor }}
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
