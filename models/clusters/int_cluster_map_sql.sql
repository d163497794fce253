{{ config(materialized = 'view') }}

{# Radians of the golden angle: a spiral that turns by it leaves no ray empty. #}
{% set golden_angle = 2.399963229728653 %}

with

clusters as (select cluster_id, producer_count from {{ ref('clusters') }}),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_cluster_map_sql'),

ranked_clusters as (
    select
        cluster_id,
        producer_count,
        row_number() over (order by producer_count desc, cluster_id asc) as size_rank

    from clusters
),

spiral_places as (
    select
        cluster_id,
        producer_count,
        sqrt((size_rank - 0.5) / count(*) over ()) as distance_from_middle,
        size_rank * {{ golden_angle }} as angle

    from ranked_clusters

    where size_rank <= (select limits.items_per_group from limits)
),

positions as (
    select
        cluster_id,
        producer_count,
        cast(round(distance_from_middle * cos(angle), 4) as float64) as map_x,
        cast(round(distance_from_middle * sin(angle), 4) as float64) as map_y

    from spiral_places
)

select * from positions
