{{ config(materialized = 'view') }}

{% set is_placed_by_kernel = engine_of('communities') == 'kernel' %}
{# Radians of the golden angle: a spiral that turns by it leaves no ray empty. #}
{% set golden_angle = 2.399963229728653 %}

with

{% if is_placed_by_kernel %}
    as_of as (select as_of from {{ ref('stg_as_of') }}),

    placed_clusters as (
        select maps.cluster_id, maps.map_x, maps.map_y

        from {{ ref('int_cluster_map_kernel') }} as maps

        inner join as_of on maps.as_of = as_of.as_of
    ),
{% else %}
    clusters as (select cluster_id, producer_count from {{ ref('clusters') }}),
    limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'cluster_map'),

    ranked_clusters as (select cluster_id, row_number() over (order by producer_count desc, cluster_id asc) as size_rank from clusters),

    spiral_places as (
        select
            cluster_id,
            sqrt((size_rank - 0.5) / count(*) over ()) as distance_from_middle,
            size_rank * {{ golden_angle }} as angle

        from ranked_clusters

        where size_rank <= (select limits.items_per_group from limits)
    ),

    placed_clusters as (
        select
            cluster_id,
            cast(round(distance_from_middle * cos(angle), 4) as float64) as map_x,
            cast(round(distance_from_middle * sin(angle), 4) as float64) as map_y

        from spiral_places
    ),
{% endif %}

positions as (select cluster_id, map_x, map_y, {{ is_placed_by_kernel }} as is_placed_by_neighbors from placed_clusters)

select * from positions
