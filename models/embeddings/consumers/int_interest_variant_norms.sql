with

cluster_scores as (select interest_type, cluster_id, {{ interest_scores() | join(', ') }} from {{ ref('int_interest_variant_scores') }}),
cluster_norms as (
    select
        interest_type,
        cluster_id,
        {{ interest_norms() }}
    from cluster_scores group by interest_type, cluster_id
)

select * from cluster_norms
