with

as_of as (select as_of from {{ ref('stg_as_of') }}),
cluster_quality as (
    select producer_count, edge_count, inside_edge_count, edge_weight_sum, weighted_recall, relative_precision, weight_score_correlation
    from {{ ref('cluster_quality') }}
),

graph_totals as (
    select
        count(distinct producer_id) as node_count,
        count(*) as edge_count,
        sum(cosine_similarity) as edge_weight_sum

    from {{ ref('producer_similarity_edges') }}
),

cluster_totals as (
    select
        count(*) as cluster_count,
        sum(producer_count) as assigned_producer_count,
        max(producer_count) as largest_producer_count,
        sum(inside_edge_count) as inside_edge_count,
        sum(weighted_recall * edge_weight_sum) as inside_weight,
        sum(edge_weight_sum * edge_weight_sum) as squared_weight_sum,
        sum(producer_count * relative_precision) as sized_relative_precision,
        sum(producer_count * weight_score_correlation) as sized_correlation,
        sum(case when producer_count = 1 then 1 else 0 end) as singleton_cluster_count,
        sum(case when weighted_recall * edge_weight_sum < 1e-5 then 1 else 0 end) as unlinked_cluster_count,
        sum(case when weight_score_correlation < 0 then 1 else 0 end) as negative_correlation_cluster_count,
        sum(case when relative_precision < 1 then 1 else 0 end) as imprecise_cluster_count

    from cluster_quality
),

{# Producers without a community add to every denominator and to no numerator. The original makes communities up for them. #}
summary as (
    select
        as_of.as_of,
        cluster_totals.cluster_count,
        graph_totals.node_count as producer_count,
        cast(coalesce(cluster_totals.assigned_producer_count, 0) as int64) as assigned_producer_count,
        coalesce(cluster_totals.largest_producer_count / nullif(graph_totals.node_count, 0), 0.0) as largest_cluster_share,
        coalesce(cluster_totals.inside_edge_count / nullif(graph_totals.edge_count, 0), 0.0) as unweighted_recall,
        coalesce(cluster_totals.inside_weight / nullif(graph_totals.edge_weight_sum, 0), 0.0) as weighted_recall,
        coalesce(
            cluster_totals.inside_weight / nullif(graph_totals.edge_weight_sum, 0)
            - cluster_totals.squared_weight_sum / nullif(graph_totals.edge_weight_sum * graph_totals.edge_weight_sum, 0),
            0.0
        ) as modularity,
        coalesce(cluster_totals.sized_relative_precision / nullif(graph_totals.node_count, 0), 0.0) as relative_precision,
        coalesce(cluster_totals.sized_correlation / nullif(graph_totals.node_count, 0), 0.0) as weight_score_correlation,
        cast(coalesce(cluster_totals.singleton_cluster_count, 0) as int64) as singleton_cluster_count,
        cast(coalesce(cluster_totals.unlinked_cluster_count, 0) as int64) as unlinked_cluster_count,
        cast(coalesce(cluster_totals.negative_correlation_cluster_count, 0) as int64) as negative_correlation_cluster_count,
        cast(coalesce(cluster_totals.imprecise_cluster_count, 0) as int64) as imprecise_cluster_count

    from as_of

    cross join graph_totals
    cross join cluster_totals
)

select * from summary
