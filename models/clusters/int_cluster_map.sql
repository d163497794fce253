{{ config(
    materialized = 'kernel_table' if runs_kernel('communities') else 'table',
    meta = {'version_columns': ['as_of']}
) }}
{{ read_by_kernel('communities', ['cluster_neighbors']) }}

{# Radians of the golden angle: a spiral that turns by it leaves no ray empty. #}
{% set golden_angle = 2.399963229728653 %}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),
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

places as (
    select
        as_of.as_of,
        spiral_places.cluster_id,
        cast(round(spiral_places.distance_from_middle * cos(spiral_places.angle), 4) as float64) as map_x,
        cast(round(spiral_places.distance_from_middle * sin(spiral_places.angle), 4) as float64) as map_y

    from spiral_places

    cross join as_of
)

select * from places
