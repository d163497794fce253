{{ config(tags = ['audit']) }}

{#
    The parts of each of the first ten recommendations add up to the whole score, which has ten decimals. Without an explanation they add up
    to nothing.
#}
with

tweet_parts as (
    select
        candidate_type,
        consumer_id,
        tweet_id,
        sum(contribution_share) as explained_share

    from {{ ref('tweet_candidate_explanations') }}

    where candidate_rank <= 10

    group by candidate_type, consumer_id, tweet_id
),

producer_parts as (
    select
        candidate_type,
        consumer_id,
        producer_id,
        sum(contribution_share) as explained_share

    from {{ ref('producer_candidate_explanations') }}

    where candidate_rank <= 10

    group by candidate_type, consumer_id, producer_id
),

unexplained as (
    select candidates.candidate_type, candidates.consumer_id, candidates.tweet_id as item_id

    from {{ ref('tweet_candidates') }} as candidates

    left join tweet_parts
        on candidates.candidate_type = tweet_parts.candidate_type
            and candidates.consumer_id = tweet_parts.consumer_id
            and candidates.tweet_id = tweet_parts.tweet_id

    where candidates.candidate_rank <= 10
        and abs(coalesce(tweet_parts.explained_share, 0) - 1) * candidates.candidate_score > 1e-9 * candidates.candidate_score + 1e-10

    union all

    select candidates.candidate_type, candidates.consumer_id, candidates.producer_id as item_id

    from {{ ref('producer_candidates') }} as candidates

    left join producer_parts
        on candidates.candidate_type = producer_parts.candidate_type
            and candidates.consumer_id = producer_parts.consumer_id
            and candidates.producer_id = producer_parts.producer_id

    where candidates.candidate_rank <= 10
        and abs(coalesce(producer_parts.explained_share, 0) - 1) * candidates.candidate_score > 1e-9 * candidates.candidate_score + 1e-10
)

select * from unexplained
