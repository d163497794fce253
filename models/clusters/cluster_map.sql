{{ config(materialized = 'view') }}

{% set is_placed_by_kernel = engine_of('communities') == 'kernel' %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),
{% if is_placed_by_kernel %}
    placed_clusters as (select as_of, cluster_id, map_x, map_y from {{ ref('int_cluster_map_kernel') }}),
{% else %}
    placed_clusters as (
        select as_of.as_of, clusters.cluster_id, clusters.map_x, clusters.map_y
        from {{ ref('int_cluster_map_sql') }} as clusters cross join as_of
    ),
{% endif %}

positions as (
    select
        placed_clusters.cluster_id,
        placed_clusters.map_x,
        placed_clusters.map_y,
        {{ is_placed_by_kernel }} as is_placed_by_neighbors

    from placed_clusters

    inner join as_of on placed_clusters.as_of = as_of.as_of
)

select * from positions
