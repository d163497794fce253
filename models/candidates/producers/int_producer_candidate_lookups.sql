{{ config(materialized = 'view') }}
{# A view, because what is asked for stands in tables, and one scale per consumer and kind of list gives the weights. #}

with

asked_lists as (
    select candidate_type, consumer_id, list_kind, list_group, list_id, asked_weight
    from {{ ref('int_producer_asked_lists') }}
),
scales as (select list_group, consumer_id, lookup_scale from {{ ref('int_producer_lookup_scales') }}),

lookups as (
    select
        asked_lists.candidate_type,
        asked_lists.consumer_id,
        asked_lists.list_kind,
        asked_lists.list_group,
        asked_lists.list_id,
        asked_lists.asked_weight * scales.lookup_scale as lookup_weight

    from asked_lists

    inner join scales
        on asked_lists.list_group = scales.list_group
            and asked_lists.consumer_id = scales.consumer_id
)

select * from lookups
