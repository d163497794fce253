{{ config(materialized = 'view') }}

with

{# A few thousand consumers, so the candidates of all others are not read. #}
consumers as (select distinct item_kind, consumer_id from {{ ref('int_evaluation_targets') }}),
interactions as (select item_kind, consumer_id, item_id from {{ ref('int_evaluation_interactions') }}),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_evaluation_candidates'),
item_cosine_items as (select item_kind, consumer_id, item_id, candidate_rank from {{ ref('int_item_cosine_items') }}),
timeline_items as (select item_kind, consumer_id, item_id, candidate_rank from {{ ref('int_timeline_items') }}),

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

    left join interactions
        on consumers.item_kind = interactions.item_kind
            and consumers.consumer_id = interactions.consumer_id
),

known_counts as (select item_kind, consumer_id, count(item_id) as known_count from known_items group by item_kind, consumer_id),

{#
    The yardstick that knows nothing about the consumer, but what is new to it. At most known_count of the best items are known, so that many
    more are enough.
#}
popular_items as (
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
),

{# Ranks without scores: DuckDB plans scores by themselves, and would open the lists of all before it looks for the consumers. #}
candidates as (
    select
        'tweets' as item_kind, candidates.candidate_type, candidates.consumer_id, candidates.tweet_id as item_id,
        candidates.candidate_rank

    from {{ ref('int_tweet_candidates') }} as candidates

    inner join consumers
        on candidates.consumer_id = consumers.consumer_id
            and consumers.item_kind = 'tweets'

    union all

    select
        'producers' as item_kind, candidates.candidate_type, candidates.consumer_id, candidates.producer_id as item_id,
        candidates.candidate_rank

    from {{ ref('producer_candidates') }} as candidates

    inner join consumers
        on candidates.consumer_id = consumers.consumer_id
            and consumers.item_kind = 'producers'

    union all

    select item_kind, 'popularity' as candidate_type, consumer_id, item_id, candidate_rank from popular_items

    union all

    select item_kind, 'item_cosine' as candidate_type, consumer_id, item_id, candidate_rank from item_cosine_items

    union all

    select item_kind, 'timeline' as candidate_type, consumer_id, item_id, candidate_rank from timeline_items
)

select * from candidates
