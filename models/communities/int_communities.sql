{{ config(materialized = 'view') }}
{# The one place that knows which engine ran. #}

with

communities as (
    select as_of, producer_id, cluster_id
    from {{ ref('int_communities_' ~ {'python': 'kernel', 'sql': 'sql'}[community_engine()]) }}
)

select * from communities
