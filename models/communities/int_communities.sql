{{ config(materialized = 'view') }}

with

engine_rows as (select as_of, producer_id, cluster_id from {{ ref('int_communities_' ~ engine_of('communities')) }})

select * from engine_rows
