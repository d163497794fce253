{# As int_communities, on the edges inside its communities. #}
{{
    config(
        materialized = 'kernel_table' if runs_kernel('communities') else 'community_sweeps',
        partition_by = partitioned_by_time('as_of'),
        cluster_by = 'producer_id',
        meta = {
            'version_columns': ['as_of'],
            'as_of': "(select as_of from {{ ref('stg_as_of') }})",
            'seed': var('sweep_seed'),
            'epochs': var('sweep_epochs'),
            'blocks': 2,
            'start_temperature': var('sweep_start_temperature'),
            'cooling_ratio': var('sweep_cooling_ratio'),
            'community_moves': true,
            'communities_k': "(select used_number from {{ ref('int_community_settings') }} where setting_name = 'fine_communities_k')",
            'count_tolerance': 0.2,
            'true_positive_weight': 0
        }
    )
}}

-- depends_on: {{ ref('stg_as_of') }}
-- depends_on: {{ ref('int_community_settings') }}

with

edges_inside as (select producer_id, neighbor_producer_id, edge_weight from {{ ref('int_fine_community_edges') }})

select * from edges_inside
