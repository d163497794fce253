{# Each side reads the view by itself, because shared rows would all be computed before a filter applies. #}
with

left_embedding as (
    select cluster_id, embedding_score
    from {{ ref('embeddings') }}
    where embedding_type = {{ table_argument('left_embedding_type') }}
        and entity_id = {{ table_argument('left_entity_id') }}
        and consumer_language = {{ table_argument('left_language') }}
        and consumer_country = {{ table_argument('left_country') }}
),
right_embedding as (
    select cluster_id, embedding_score
    from {{ ref('embeddings') }}
    where embedding_type = {{ table_argument('right_embedding_type') }}
        and entity_id = {{ table_argument('right_entity_id') }}
        and consumer_language = {{ table_argument('right_language') }}
        and consumer_country = {{ table_argument('right_country') }}
),

all_clusters as (
    select
        coalesce(left_embedding.embedding_score, 0.0) as left_score,
        coalesce(right_embedding.embedding_score, 0.0) as right_score

    from left_embedding

    full outer join right_embedding
        on left_embedding.cluster_id = right_embedding.cluster_id
),

sums as (
    select
        sum(left_score * right_score) as dot_product,
        sum(left_score * left_score) as left_squared_norm,
        sum(right_score * right_score) as right_squared_norm,
        sum(case when left_score > 0 and right_score > 0 then 1 else 0 end) as common_cluster_count,
        count(*) as cluster_count,
        sum((left_score - right_score) * (left_score - right_score)) as squared_distance,
        sum(abs(left_score - right_score)) as manhattan_distance

    from all_clusters
),

{# As in the original, norms are squared under the logarithm and the power. So the log cosine can exceed 1. #}
similarity_scores as (
    select
        cast(dot_product as float64) as dot_product,
        dot_product / (sqrt(left_squared_norm) * sqrt(right_squared_norm)) as cosine_score,
        common_cluster_count / cluster_count as jaccard_score,
        sqrt(squared_distance) as euclidean_distance,
        cast(manhattan_distance as float64) as manhattan_distance,
        dot_product / (({{ log_one_plus('left_squared_norm') }}) * ({{ log_one_plus('right_squared_norm') }})) as log_cosine_score,
        dot_product / (pow(left_squared_norm, 0.3) * pow(right_squared_norm, 0.3)) as exp_scaled_cosine_score

    from sums

    where left_squared_norm > 0
        and right_squared_norm > 0
)

select * from similarity_scores
