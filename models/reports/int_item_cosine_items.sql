{{ config(materialized = 'bucketed_table') }}

{% set known_items %}
(
    select distinct interactions.item_kind, interactions.consumer_id, interactions.item_id

    from {{ ref('int_evaluation_interactions') }} as interactions

    inner join {{ ref('int_evaluation_targets') }} as targets
        on interactions.item_kind = targets.item_kind
            and interactions.consumer_id = targets.consumer_id
)
{% endset %}
{{ buckets_by_join(known_items, 'consumer_id', ref('int_item_neighbors'), on=['item_kind', 'item_id']) }}

with

known_items as (
    select item_kind, consumer_id, item_id
    from {{ known_items }} as items where {{ bucket_filter('consumer_id') }}
),
neighbors as (select item_kind, item_id, neighbor_item_id, cosine_similarity from {{ ref('int_item_neighbors') }}),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_item_cosine_items'),

scored_items as (
    select
        known_items.item_kind,
        known_items.consumer_id,
        neighbors.neighbor_item_id as item_id,
        sum(neighbors.cosine_similarity) as similarity_sum

    from known_items

    inner join neighbors
        on known_items.item_kind = neighbors.item_kind
            and known_items.item_id = neighbors.item_id

    group by known_items.item_kind, known_items.consumer_id, neighbors.neighbor_item_id
),

new_items as (
    select
        scored_items.item_kind,
        scored_items.consumer_id,
        scored_items.item_id,
        scored_items.similarity_sum

    from scored_items

    left join known_items
        on scored_items.item_kind = known_items.item_kind
            and scored_items.consumer_id = known_items.consumer_id
            and scored_items.item_id = known_items.item_id

    where known_items.item_id is null
),

{# A sum that enough items reach: the best of each of as many groups does. It spares the ranking, which costs most, nearly all. #}
best_of_groups as (
    select
        new_items.item_kind,
        new_items.consumer_id,
        mod(new_items.item_id, limits.items_per_group) as group_number,
        max(new_items.similarity_sum) as best_sum

    from new_items

    cross join limits

    group by new_items.item_kind, new_items.consumer_id, mod(new_items.item_id, limits.items_per_group)
),

reached_sums as (
    select
        best_of_groups.item_kind,
        best_of_groups.consumer_id,
        case when count(*) >= max(limits.items_per_group) then min(best_of_groups.best_sum) else 0.0 end as reached_sum

    from best_of_groups

    cross join limits

    group by best_of_groups.item_kind, best_of_groups.consumer_id
),

kept_items as (
    select
        new_items.item_kind,
        new_items.consumer_id,
        new_items.item_id,
        {{ rank_per(['new_items.item_kind', 'new_items.consumer_id'], 'new_items.similarity_sum', 'new_items.item_id') }} as candidate_rank

    from new_items

    inner join reached_sums
        on new_items.item_kind = reached_sums.item_kind
            and new_items.consumer_id = reached_sums.consumer_id

    where {{ rounded_score('new_items.similarity_sum') }} >= {{ rounded_score('reached_sums.reached_sum') }}

    qualify candidate_rank <= (select limits.items_per_group from limits)
)

select * from kept_items
