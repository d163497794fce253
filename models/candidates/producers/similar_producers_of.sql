with

source_vector as (
    select producer_id as source_id, cluster_id, producer_score as source_score

    from {{ ref('producer_embeddings') }}

    where producer_id = {{ table_argument('of_producer_id') }}
        and embedding_type = {{ table_argument('by_embedding_type') }}
),

cluster_top_producers as (
    select cluster_id, producer_id
    from {{ ref('cluster_top_producers') }} where embedding_type = {{ table_argument('by_embedding_type') }}
),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'similar_producers_of'),
producer_embeddings as (
    select producer_id, cluster_id, producer_score
    from {{ ref('producer_embeddings') }} where embedding_type = {{ table_argument('by_embedding_type') }}
),

found_producers as (
    select distinct cluster_top_producers.producer_id

    from source_vector

    inner join cluster_top_producers
        on source_vector.cluster_id = cluster_top_producers.cluster_id
            and source_vector.source_id <> cluster_top_producers.producer_id
),

source_norm as (select sqrt(sum(source_score * source_score)) as source_norm from source_vector),

{# Lists of the communities find the producers, but both full vectors give the score. #}
scored_producers as (
    select
        found_producers.producer_id,
        count(source_vector.cluster_id) as cluster_count,
        sum(source_vector.source_score * producer_embeddings.producer_score)
        / nullif(
            source_norm.source_norm * sqrt(sum(producer_embeddings.producer_score * producer_embeddings.producer_score)), 0
        ) as embedding_similarity

    from found_producers

    cross join source_norm
    inner join producer_embeddings on found_producers.producer_id = producer_embeddings.producer_id
    left join source_vector on producer_embeddings.cluster_id = source_vector.cluster_id

    group by found_producers.producer_id, source_norm.source_norm
),

kept_producers as (
    select
        producer_id,
        {{ rank_per([], 'embedding_similarity', 'producer_id') }} as candidate_rank,
        cluster_count,
        cast(embedding_similarity as float64) as embedding_similarity

    from scored_producers

    where embedding_similarity is not null

    qualify candidate_rank <= (select limits.items_per_group from limits)
)

select * from kept_producers
