{{ config(materialized = 'bucketed_table', meta = {'rows_per_bucket': var('rows_per_bucket')}) }}
{% set minimum_audience = resolved_number(
    var('producer_embedding_minimum_audience'), 'producer_embedding_minimum_audience', ref('int_graph_settings')
) %}
{% set score_floor = var('producer_embedding_floor') %}

{# Each edge meets every community of its consumer. #}
{{ buckets_by_join(ref('user_user_graph'), 'producer_id', ref('interested_in'), on=['consumer_id']) }}

with

user_user_graph as (
    select consumer_id, producer_id, follow_score_producer_normalized, fav_score_producer_normalized
    from {{ ref('user_user_graph') }} where {{ bucket_filter('producer_id') }}
),
producers as (select producer_id, follower_count, faver_count from {{ ref('producers') }}),
interested_in as (
    select consumer_id, cluster_id, follow_score_cluster_normalized, fav_score_cluster_normalized
    from {{ ref('interested_in') }}
),

{# One pass over edges times interests serves both types. The audience filter comes first, so the long tail is never multiplied. #}
known_producers as (
    select
        producer_id,
        follower_count > {{ minimum_audience }} as has_followers,
        faver_count > {{ minimum_audience }} as has_favers

    from producers

    where follower_count > {{ minimum_audience }}
        or faver_count > {{ minimum_audience }}
),

cluster_scores as (
    select
        graph.producer_id,
        interested_in.cluster_id,
        sum(
            case
                when known_producers.has_favers
                    then graph.fav_score_producer_normalized * interested_in.fav_score_cluster_normalized
                else 0.0
            end
        ) as fav_based_score,
        sum(
            case
                when known_producers.has_followers
                    then graph.follow_score_producer_normalized * interested_in.follow_score_cluster_normalized
                else 0.0
            end
        ) as follow_based_score

    from user_user_graph as graph

    inner join known_producers on graph.producer_id = known_producers.producer_id
    inner join interested_in on graph.consumer_id = interested_in.consumer_id

    group by graph.producer_id, interested_in.cluster_id
),

scores_by_type as (
    select 'fav_based_producer' as embedding_type, producer_id, cluster_id, cast(fav_based_score as float64) as producer_score
    from cluster_scores
    union all
    select 'follow_based_producer' as embedding_type, producer_id, cluster_id, cast(follow_based_score as float64) as producer_score
    from cluster_scores
),

kept_scores as (
    select embedding_type, producer_id, cluster_id, producer_score

    from scores_by_type

    where {{ rounded_score('producer_score') }} >= {{ score_floor }}
        and producer_score > 0
)

select * from kept_scores
