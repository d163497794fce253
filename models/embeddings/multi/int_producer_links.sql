{{ config(materialized = 'bucketed_table') }}

{% set minimum_similarity = var('multi_embedding_similarity') %}

{{ buckets_by_join(
    ref('int_producer_unit_vectors'), 'producer_id', ref('int_producer_unit_vectors'), on=['cluster_id'],
    where='rest_norm > ' ~ minimum_similarity
) }}

with

unit_vectors as (select producer_id, cluster_id, unit_score, rest_norm from {{ ref('int_producer_unit_vectors') }}),

{# Two vectors can only be this similar when they share a leading community of the first. What is left after those is too short. #}
candidates as (
    select distinct unit_vectors.producer_id, neighbor_vectors.producer_id as neighbor_producer_id

    from unit_vectors

    inner join unit_vectors as neighbor_vectors
        on unit_vectors.cluster_id = neighbor_vectors.cluster_id
            and unit_vectors.producer_id < neighbor_vectors.producer_id

    where unit_vectors.rest_norm > {{ minimum_similarity }}
        and {{ bucket_filter('unit_vectors.producer_id') }}
),

links as (
    select candidates.producer_id, candidates.neighbor_producer_id

    from candidates

    inner join unit_vectors on candidates.producer_id = unit_vectors.producer_id

    inner join unit_vectors as neighbor_vectors
        on candidates.neighbor_producer_id = neighbor_vectors.producer_id
            and unit_vectors.cluster_id = neighbor_vectors.cluster_id

    group by candidates.producer_id, candidates.neighbor_producer_id

    having {{ rounded_score('sum(unit_vectors.unit_score * neighbor_vectors.unit_score)') }} > {{ minimum_similarity }}
)

select * from links
