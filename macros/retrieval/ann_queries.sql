{#
    SimClusters-ANN, first half, as CTEs for a model that has a CTE `as_of` (as_of). The last one is `queries`: the communities that are
    scanned for a source under a configuration. Norms and ranks are over the source's full vector.

    which_configs, which_sources : conditions on rows of ann_configs and int_ann_source_vectors
#}
{% macro ann_queries(which_configs, which_sources, time_factor) %}
limits as (select tweets_per_cluster, maximum_results from {{ ref('ann_limits') }}),
configs as (
    select
        source_kind, config_name, source_embedding_type, index_name, algorithm, clusters_scanned, tweets_per_cluster, maximum_results,
        minimum_score, minimum_age_hours, maximum_age_hours
    from {{ ref('ann_configs') }} where {{ which_configs }}
),
source_vectors as (
    select source_kind, source_embedding_type, source_id, cluster_id, source_score
    from {{ ref('int_ann_source_vectors') }} where {{ which_sources }}
),

queries as (

    select
        configs.source_kind,
        configs.config_name,
        source_vectors.source_id,
        source_vectors.cluster_id,
        source_vectors.source_score,
        configs.index_name,
        configs.algorithm,
        least(configs.tweets_per_cluster, limits.tweets_per_cluster) as tweets_per_cluster,
        least(configs.maximum_results, limits.maximum_results) as maximum_results,
        configs.minimum_score,
        {{ unix_millis('as_of.as_of') }} - cast(configs.maximum_age_hours * {{ time_factor }} * 3600000 as int64) as created_from_millis,
        {{ unix_millis('as_of.as_of') }} - cast(configs.minimum_age_hours * {{ time_factor }} * 3600000 as int64) as created_to_millis,
        sum(source_vectors.source_score * source_vectors.source_score)
            over (partition by configs.source_kind, configs.config_name, source_vectors.source_id) as source_squared_norm

    from configs

    cross join as_of

    cross join limits

    inner join source_vectors
        on configs.source_kind = source_vectors.source_kind
            and configs.source_embedding_type = source_vectors.source_embedding_type

    qualify {{ top_k_per(
        ['configs.source_kind', 'configs.config_name', 'source_vectors.source_id'],
        'source_vectors.source_score', 'source_vectors.cluster_id', 'configs.clusters_scanned'
    ) }}

)
{%- endmacro %}
