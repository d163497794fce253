with

interactions as (select item_kind, consumer_id, item_id from {{ ref('int_evaluation_interactions') }}),
consumers as (select distinct item_kind, consumer_id from {{ ref('int_evaluation_targets') }}),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_popular_items'),

ranked_items as (
    select
        item_kind,
        item_id,
        {{ rank_per('item_kind', 'count(*)', 'item_id') }} as popularity_rank

    from interactions

    group by item_kind, item_id
),

known_items as (
    select consumers.item_kind, consumers.consumer_id, interactions.item_id

    from consumers

    inner join interactions
        on consumers.item_kind = interactions.item_kind
            and consumers.consumer_id = interactions.consumer_id
),

known_counts as (
    select
        consumers.item_kind,
        consumers.consumer_id,
        count(known_items.item_id) as known_count

    from consumers

    left join known_items
        on consumers.item_kind = known_items.item_kind
            and consumers.consumer_id = known_items.consumer_id

    group by consumers.item_kind, consumers.consumer_id
),

{# At most known_count of the best items are known, so that many more are enough. #}
kept_items as (
    select
        known_counts.item_kind,
        known_counts.consumer_id,
        ranked_items.item_id,
        row_number() over (
            partition by known_counts.item_kind, known_counts.consumer_id
            order by ranked_items.popularity_rank
        ) as candidate_rank

    from known_counts

    cross join limits

    inner join ranked_items
        on known_counts.item_kind = ranked_items.item_kind
            and ranked_items.popularity_rank <= known_counts.known_count + limits.items_per_group

    left join known_items
        on known_counts.item_kind = known_items.item_kind
            and known_counts.consumer_id = known_items.consumer_id
            and ranked_items.item_id = known_items.item_id

    where known_items.item_id is null

    qualify candidate_rank <= limits.items_per_group
)

select * from kept_items
