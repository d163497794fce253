{{ config(materialized = 'bucketed_table') }}

{# Only items that an evaluated consumer knows are looked up. #}
{% set asked_items %}
(
    select distinct interactions.item_kind, interactions.item_id

    from {{ ref('int_evaluation_interactions') }} as interactions

    inner join {{ ref('int_evaluation_targets') }} as targets
        on interactions.item_kind = targets.item_kind
            and interactions.consumer_id = targets.consumer_id
)
{% endset %}
{% set asked_interactions %}
(
    select interactions.item_kind, interactions.item_id, interactions.consumer_id

    from {{ ref('int_evaluation_interactions') }} as interactions

    inner join {{ asked_items }} as asked_items
        on interactions.item_kind = asked_items.item_kind
            and interactions.item_id = asked_items.item_id
)
{% endset %}
{{ buckets_by_join(asked_interactions, 'item_id', ref('int_evaluation_interactions'), on=['item_kind', 'consumer_id']) }}

with

interactions as (select item_kind, consumer_id, item_id from {{ ref('int_evaluation_interactions') }}),
asked_items as (
    select item_kind, item_id
    from {{ asked_items }} as items where {{ bucket_filter('item_id') }}
),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_item_neighbors'),
item_counts as (select item_kind, item_id, count(*) as consumer_count from interactions group by item_kind, item_id),

common_counts as (
    select
        asked_items.item_kind,
        asked_items.item_id,
        other_interactions.item_id as neighbor_item_id,
        count(*) as common_count

    from asked_items

    inner join interactions
        on asked_items.item_kind = interactions.item_kind
            and asked_items.item_id = interactions.item_id

    inner join interactions as other_interactions
        on interactions.item_kind = other_interactions.item_kind
            and interactions.consumer_id = other_interactions.consumer_id
            and interactions.item_id <> other_interactions.item_id

    group by asked_items.item_kind, asked_items.item_id, other_interactions.item_id
),

similarities as (
    select
        common_counts.item_kind,
        common_counts.item_id,
        common_counts.neighbor_item_id,
        common_counts.common_count
        / sqrt(cast(item_counts.consumer_count as float64) * cast(neighbor_counts.consumer_count as float64)) as cosine_similarity

    from common_counts

    inner join item_counts
        on common_counts.item_kind = item_counts.item_kind
            and common_counts.item_id = item_counts.item_id

    inner join item_counts as neighbor_counts
        on common_counts.item_kind = neighbor_counts.item_kind
            and common_counts.neighbor_item_id = neighbor_counts.item_id
),

{# Many, because shorter lists lost recall on the data tried. Not all, because popular items have as many neighbours as there are items. #}
nearest_items as (
    select item_kind, item_id, neighbor_item_id, cosine_similarity

    from similarities

    qualify {{ rank_per(['item_kind', 'item_id'], 'cosine_similarity', 'neighbor_item_id') }} <= (select limits.items_per_group from limits)
)

select * from nearest_items
