{# Two blocks: the producers of a half-step choose at the same time; the original moves one at a time. #}
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
            'community_moves': var('community_moves'),
            'communities_k': "(select used_number from {{ ref('int_community_settings') }} where setting_name = 'communities_k')",
            'count_tolerance': 0.2 if var('communities_k') == 'auto' else none,
            'true_positive_weight': var('true_positive_weight')
        }
    )
}}

-- depends_on: {{ ref('stg_as_of') }}
-- depends_on: {{ ref('int_community_settings') }}

with

community_edges as (select producer_id, neighbor_producer_id, edge_weight from {{ ref('int_community_edges') }})

select * from community_edges
