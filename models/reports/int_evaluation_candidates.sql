{{ config(materialized = 'view') }}

with

{# A few thousand consumers, so the candidates of all others are not read. #}
consumers as (select distinct item_kind, consumer_id from {{ ref('int_evaluation_targets') }}),

tweet_candidates as (
    select candidates.candidate_type, candidates.consumer_id, candidates.tweet_id, candidates.candidate_rank

    from {{ ref('tweet_candidates') }} as candidates

    inner join consumers
        on candidates.consumer_id = consumers.consumer_id
            and consumers.item_kind = 'tweets'
),

producer_candidates as (
    select candidates.candidate_type, candidates.consumer_id, candidates.producer_id, candidates.candidate_rank

    from {{ ref('producer_candidates') }} as candidates

    inner join consumers
        on candidates.consumer_id = consumers.consumer_id
            and consumers.item_kind = 'producers'
),

popular_items as (select item_kind, consumer_id, item_id, candidate_rank from {{ ref('int_popular_items') }}),
item_cosine_items as (select item_kind, consumer_id, item_id, candidate_rank from {{ ref('int_item_cosine_items') }}),

candidates as (
    select
        'tweets' as item_kind,
        candidate_type,
        consumer_id,
        tweet_id as item_id,
        candidate_rank

    from tweet_candidates

    union all

    select
        'producers' as item_kind,
        candidate_type,
        consumer_id,
        producer_id as item_id,
        candidate_rank

    from producer_candidates

    union all

    select
        item_kind,
        'popularity' as candidate_type,
        consumer_id,
        item_id,
        candidate_rank

    from popular_items

    union all

    select
        item_kind,
        'item_cosine' as candidate_type,
        consumer_id,
        item_id,
        candidate_rank

    from item_cosine_items
)

select * from candidates
