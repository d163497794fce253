{# Every recommendation can be explained: a community that the consumer is interested in and the tweet belongs to. #}
with

recipes as (

    select
        candidate_type,
        embedding_type

    from {{ ref('candidate_recipes') }}

),

explained as (

    select distinct
        candidates.candidate_type,
        candidates.consumer_id,
        candidates.tweet_id

    from {{ ref('tweet_candidates') }} as candidates

    inner join recipes
        on candidates.candidate_type = recipes.candidate_type

    inner join {{ ref('tweet_embeddings') }} as tweet_embeddings
        on recipes.embedding_type = tweet_embeddings.embedding_type
            and candidates.tweet_id = tweet_embeddings.tweet_id

    inner join {{ ref('interested_in') }} as interested_in
        on candidates.consumer_id = interested_in.consumer_id
            and tweet_embeddings.cluster_id = interested_in.cluster_id

),

unexplained as (

    select
        candidates.candidate_type,
        candidates.consumer_id,
        candidates.tweet_id

    from {{ ref('tweet_candidates') }} as candidates

    left join explained
        on candidates.candidate_type = explained.candidate_type
            and candidates.consumer_id = explained.consumer_id
            and candidates.tweet_id = explained.tweet_id

    where explained.tweet_id is null

)

select * from unexplained
