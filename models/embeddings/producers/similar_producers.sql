{{ config(
    materialized = 'kernel_table' if runs_kernel('products') else 'bucketed_table',
    cluster_by = ['producer_id', 'embedding_type', 'producer_rank'],
    meta = {'producers_per_producer': var('similar_producers_per_producer')}
) }}

{% set producers_per_producer = var('similar_producers_per_producer') %}

{# Each community of a producer meets every producer with that community. #}
{{ buckets_by_join(
    ref('int_similar_producer_vectors'), 'producer_id', ref('int_similar_producer_vectors'), on=['embedding_type', 'cluster_id'],
    where='unit_score > 0'
) }}

with

unit_vectors as (
    select embedding_type, producer_id, cluster_id, unit_score
    from {{ ref('int_similar_producer_vectors') }} where unit_score > 0 and {{ bucket_filter('producer_id') }}
),
found_vectors as (
    select embedding_type, producer_id, cluster_id, unit_score, is_listed, list_rank
    from {{ ref('int_similar_producer_vectors') }}
),

dot_products as (
    select
        unit_vectors.embedding_type,
        unit_vectors.producer_id,
        found_vectors.producer_id as similar_producer_id,
        max(case when found_vectors.is_listed then 1 else 0 end) as is_listed,
        cast(sum(unit_vectors.unit_score * found_vectors.unit_score) as float64) as producer_similarity

    from unit_vectors

    inner join found_vectors
        on unit_vectors.embedding_type = found_vectors.embedding_type
            and unit_vectors.cluster_id = found_vectors.cluster_id
            and unit_vectors.producer_id <> found_vectors.producer_id

    group by unit_vectors.embedding_type, unit_vectors.producer_id, found_vectors.producer_id
),

{#
    The least cosine that is kept. One list alone has enough producers down to this rank, and other communities only add to a cosine. It
    spares the ranking nearly all that was found.
#}
certain_similarities as (
    select
        unit_vectors.embedding_type,
        unit_vectors.producer_id,
        max(unit_vectors.unit_score * found_vectors.unit_score) as certain_similarity

    from unit_vectors

    inner join found_vectors
        on unit_vectors.embedding_type = found_vectors.embedding_type
            and unit_vectors.cluster_id = found_vectors.cluster_id

    where found_vectors.is_listed
        and found_vectors.list_rank = {{ producers_per_producer }} + 1

    group by unit_vectors.embedding_type, unit_vectors.producer_id
),

kept_producers as (
    select
        dot_products.embedding_type,
        dot_products.producer_id,
        dot_products.similar_producer_id,
        {{ rank_per(
            ['dot_products.embedding_type', 'dot_products.producer_id'],
            'dot_products.producer_similarity', 'dot_products.similar_producer_id'
        ) }} as producer_rank,
        {{ rounded_score('dot_products.producer_similarity') }} as producer_similarity

    from dot_products

    left join certain_similarities
        on dot_products.embedding_type = certain_similarities.embedding_type
            and dot_products.producer_id = certain_similarities.producer_id

    where dot_products.is_listed = 1
        and {{ rounded_score('dot_products.producer_similarity') }} > 0
        and {{ rounded_score('dot_products.producer_similarity') }}
        >= {{ rounded_score('coalesce(certain_similarities.certain_similarity, 0.0)') }}

    qualify producer_rank <= {{ producers_per_producer }}
)

select * from kept_producers
