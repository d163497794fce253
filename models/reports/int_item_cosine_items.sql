with

interactions as (select item_kind, consumer_id, item_id from {{ ref('int_evaluation_interactions') }}),
consumers as (select distinct item_kind, consumer_id from {{ ref('int_evaluation_targets') }}),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_item_cosine_items'),

known_items as (
    select consumers.item_kind, consumers.consumer_id, interactions.item_id

    from consumers

    inner join interactions
        on consumers.item_kind = interactions.item_kind
            and consumers.consumer_id = interactions.consumer_id
),

asked_items as (select distinct item_kind, item_id from known_items),
item_counts as (select item_kind, item_id, count(*) as consumer_count from interactions group by item_kind, item_id),

{# All neighbours, because every cut of the lists lost recall on the data tried. #}
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

scored_items as (
    select
        known_items.item_kind,
        known_items.consumer_id,
        similarities.neighbor_item_id as item_id,
        sum(similarities.cosine_similarity) as similarity_sum

    from known_items

    inner join similarities
        on known_items.item_kind = similarities.item_kind
            and known_items.item_id = similarities.item_id

    group by known_items.item_kind, known_items.consumer_id, similarities.neighbor_item_id
),

kept_items as (
    select
        scored_items.item_kind,
        scored_items.consumer_id,
        scored_items.item_id,
        {{ rank_per(
            ['scored_items.item_kind', 'scored_items.consumer_id'], 'scored_items.similarity_sum', 'scored_items.item_id'
        ) }} as candidate_rank

    from scored_items

    left join known_items
        on scored_items.item_kind = known_items.item_kind
            and scored_items.consumer_id = known_items.consumer_id
            and scored_items.item_id = known_items.item_id

    where known_items.item_id is null

    qualify candidate_rank <= (select limits.items_per_group from limits)
)

select * from kept_items
