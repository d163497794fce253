{{ config(materialized = 'view') }}

with

tweet_candidates as (

    select
        candidate_type,
        consumer_id,
        tweet_id,
        candidate_rank

    from {{ ref('tweet_candidates') }}

    where is_new_to_consumer

),

producer_candidates as (

    select
        candidate_type,
        consumer_id,
        producer_id,
        candidate_rank

    from {{ ref('producer_candidates') }}

),

popular_items as (

    select
        item_kind,
        consumer_id,
        item_id,
        candidate_rank

    from {{ ref('int_popular_items') }}

),

item_cosine_items as (

    select
        item_kind,
        consumer_id,
        item_id,
        candidate_rank

    from {{ ref('int_item_cosine_items') }}

),

{# What is not new is passed over, so the ranks close up. #}
candidates as (

    select
        'tweets' as item_kind,
        candidate_type,
        consumer_id,
        tweet_id as item_id,
        row_number() over (partition by candidate_type, consumer_id order by candidate_rank) as candidate_rank

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
