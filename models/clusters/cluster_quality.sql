with

similarity_edges as (select producer_id, neighbor_producer_id, cosine_similarity from {{ ref('producer_similarity_edges') }}),
members as (select producer_id, cluster_id, known_for_score from {{ ref('known_for') }}),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'cluster_quality'),
graph_totals as (select count(distinct producer_id) as node_count, sum(cosine_similarity) as total_weight from similarity_edges),

{# Directed: both ends see an edge inside a community. #}
member_edges as (
    select
        members.cluster_id,
        edges.producer_id,
        edges.neighbor_producer_id,
        coalesce(neighbors.cluster_id = members.cluster_id, false) as is_inside,
        edges.cosine_similarity,
        members.known_for_score * coalesce(neighbors.known_for_score, 0.0) as score_product

    from similarity_edges as edges

    inner join members on edges.producer_id = members.producer_id
    left join members as neighbors on edges.neighbor_producer_id = neighbors.producer_id
),

edge_sums as (
    select
        cluster_id,
        sum(case when is_inside then 1 else 0 end) as inside_edge_count,
        count(*) as edge_count,
        sum(case when is_inside then cosine_similarity else 0.0 end) as inside_weight,
        sum(cosine_similarity) as edge_weight_sum

    from member_edges

    group by cluster_id
),

sampled_edges as (
    select
        cluster_id,
        cosine_similarity,
        score_product,
        row_number() over (
            partition by cluster_id
            order by {{ pair_hash('producer_id', 'neighbor_producer_id') }}, producer_id, neighbor_producer_id
        ) as edge_position

    from member_edges

    where is_inside

    qualify edge_position <= (select limits.items_per_group from limits)
),

correlations as (
    select
        cluster_id,
        {{ pearson_correlation('cosine_similarity', 'score_product') }} as weight_score_correlation

    from sampled_edges

    group by cluster_id
),

cluster_sizes as (select cluster_id, count(*) as producer_count from members group by cluster_id),

quality as (
    select
        cluster_sizes.cluster_id,
        cluster_sizes.producer_count,
        cast(edge_sums.edge_count as int64) as edge_count,
        cast(edge_sums.inside_edge_count as int64) as inside_edge_count,
        edge_sums.edge_weight_sum,
        edge_sums.inside_edge_count / nullif(edge_sums.edge_count, 0) as unweighted_recall,
        edge_sums.inside_weight / nullif(edge_sums.edge_weight_sum, 0) as weighted_recall,
        coalesce(
            edge_sums.inside_weight
            / nullif(cast(cluster_sizes.producer_count as float64) * (cluster_sizes.producer_count - 1), 0)
            / nullif(graph_totals.total_weight / nullif(cast(graph_totals.node_count as float64) * (graph_totals.node_count - 1), 0), 0),
            0.0
        ) as relative_precision,
        coalesce(correlations.weight_score_correlation, 0.0) as weight_score_correlation

    from cluster_sizes

    cross join graph_totals
    inner join edge_sums on cluster_sizes.cluster_id = edge_sums.cluster_id
    left join correlations on cluster_sizes.cluster_id = correlations.cluster_id
)

select * from quality
