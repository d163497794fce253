{{ config(materialized = 'view') }}

with

as_of as (select as_of from {{ ref('stg_as_of') }}),

places as (
    select
        maps.cluster_id,
        maps.map_x,
        maps.map_y,
        {{ engine_of('communities') == 'kernel' }} as is_placed_by_neighbors

    from {{ ref('int_cluster_map') }} as maps

    inner join as_of on maps.as_of = as_of.as_of
)

select * from places
