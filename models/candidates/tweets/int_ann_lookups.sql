{{ config(enabled = engine_of('products') == 'kernel') }}

with

{{ ann_lists(
    which_configs = 'configs.is_in_batch',
    which_sources = 'true',
    is_batch = true
) }},

{# A list by direction also holds the scores of its tweets in communities that it does not point to. #}
direction_places as (
    {{ select_unnested(['index_list_id'], {'cluster_id': 'cluster_ids'}, ref('int_direction_list_tweets')) }}
),

list_clusters as (
    select distinct index_list_id, cluster_id from {{ ref('cluster_top_tweets') }}
    union all
    select distinct index_list_id, cluster_id from direction_places
),

lookups as (
    select
        queries.config_id,
        configs.source_kind,
        queries.source_id,
        list_clusters.index_list_id,
        list_clusters.cluster_id,
        queries.source_score,
        queries.source_squared_norm

    from nearest_lists

    inner join list_clusters on nearest_lists.index_list_id = list_clusters.index_list_id

    inner join queries
        on nearest_lists.config_id = queries.config_id
            and nearest_lists.source_id = queries.source_id
            and list_clusters.cluster_id = queries.cluster_id

    inner join configs on nearest_lists.config_id = configs.config_id
)

select * from lookups
