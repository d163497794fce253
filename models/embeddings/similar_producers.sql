{{ config(materialized = 'bucketed_table', meta = {'rows_per_bucket': var('rows_per_bucket')}) }}

{% set clusters_per_vector = var('similar_producers_clusters') %}
{% set producers_per_producer = var('similar_producers_per_producer') %}

{# Each community of a producer meets every producer with that community. #}
{% call bucket_sizes() %}
select
    vectors.producer_id as bucket_key,
    cast(sum(clusters.producer_count) as int64) as row_count

from {{ ref('producer_embeddings') }} as vectors

inner join (
    select
        embedding_type,
        cluster_id,
        count(*) as producer_count

    from {{ ref('producer_embeddings') }}

    where embedding_type in ('fav_based_producer', 'follow_based_producer')

    group by
        embedding_type,
        cluster_id
) as clusters
    on vectors.embedding_type = clusters.embedding_type
        and vectors.cluster_id = clusters.cluster_id

where vectors.cluster_rank <= {{ clusters_per_vector }}

group by vectors.producer_id
{% endcall %}

with

producer_embeddings as (

    select
        embedding_type,
        producer_id,
        cluster_id,
        producer_score

    from {{ ref('producer_embeddings') }}

    where embedding_type in ('fav_based_producer', 'follow_based_producer')
        and cluster_rank <= {{ clusters_per_vector }}

),

cluster_top_producers as (

    select
        embedding_type,
        producer_id,
        cluster_id

    from {{ ref('cluster_top_producers') }}

    where embedding_type in ('fav_based_producer', 'follow_based_producer')

),

{# Norm 1 again, because the cut took some of it. #}
unit_vectors as (

    select
        embedding_type,
        producer_id,
        cluster_id,
        producer_score / sqrt(sum(producer_score * producer_score) over (partition by embedding_type, producer_id)) as unit_score

    from producer_embeddings

),

{# A producer may stand in the list of a community that its own vector has cut off: it can be found there, with nothing to add. #}
found_vectors as (

    select
        embedding_type,
        producer_id,
        cluster_id,
        max(unit_score) as unit_score,
        max(is_listed) as is_listed

    from (
        select
            embedding_type,
            producer_id,
            cluster_id,
            unit_score,
            0 as is_listed

        from unit_vectors

        union all

        select
            embedding_type,
            producer_id,
            cluster_id,
            0.0 as unit_score,
            1 as is_listed

        from cluster_top_producers
    ) as vectors_and_lists

    group by
        embedding_type,
        producer_id,
        cluster_id

),

dot_products as (

    select
        unit_vectors.embedding_type,
        unit_vectors.producer_id,
        found_vectors.producer_id as similar_producer_id,
        cast(sum(unit_vectors.unit_score * found_vectors.unit_score) as float64) as producer_similarity

    from unit_vectors

    inner join found_vectors
        on unit_vectors.embedding_type = found_vectors.embedding_type
            and unit_vectors.cluster_id = found_vectors.cluster_id
            and unit_vectors.producer_id <> found_vectors.producer_id

    where {{ bucket_filter('unit_vectors.producer_id') }}

    group by
        unit_vectors.embedding_type,
        unit_vectors.producer_id,
        found_vectors.producer_id

    having max(found_vectors.is_listed) = 1

),

ranked_producers as (

    select
        embedding_type,
        producer_id,
        similar_producer_id,
        {{ rank_per(['embedding_type', 'producer_id'], 'producer_similarity', 'similar_producer_id') }} as producer_rank,
        producer_similarity

    from dot_products

    where {{ rounded_score('producer_similarity') }} > 0

),

kept_producers as (

    select
        embedding_type,
        producer_id,
        similar_producer_id,
        producer_rank,
        producer_similarity

    from ranked_producers

    where producer_rank <= {{ producers_per_producer }}

)

select * from kept_producers
