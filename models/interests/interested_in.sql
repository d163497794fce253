{{ config(cluster_by = ['consumer_id', 'cluster_id']) }}

{% set clusters_per_consumer = var('clusters_per_consumer') %}

with

cluster_scores as (
    select
        consumer_id, cluster_id, {{ interest_scores() | join(', ') }}, followed_producer_count, faved_producer_count,
        fav_score as first_score, {{ clusters_per_consumer }} as clusters_per_consumer
    from {{ ref('int_consumer_cluster_scores') }}
),
opted_out_clusters as (select user_id, cluster_id from {{ ref('opted_out_clusters') }} where opt_out_kind = 'interested_in'),

{# Over every proven consumer, before the cut to the best communities of each. #}
cluster_norms as (
    select
        cluster_id,
        {{ interest_norms() }}
    from cluster_scores group by cluster_id
),

{{ best_interests() }}

select * from kept_clusters

{{ stored_in_order(['consumer_id', 'cluster_id']) }}
