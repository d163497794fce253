{{ config(materialized = 'view') }}
{# A view, because people ask for one explanation at a time. #}

with

candidates as (select candidate_type, consumer_id, tweet_id, candidate_rank, dot_product from {{ ref('tweet_candidates') }}),
query_clusters as (select candidate_type, consumer_id, cluster_id, interested_in_score from {{ ref('int_tweet_candidate_interests') }}),
listed_tweets as (select candidate_type, cluster_id, tweet_id, tweet_score from {{ ref('int_tweet_candidate_lists') }}),
clusters as (select cluster_id, cluster_name from {{ ref('clusters') }}),

explanations as (

    select
        candidates.candidate_type,
        candidates.consumer_id,
        candidates.tweet_id,
        candidates.candidate_rank,
        query_clusters.cluster_id,
        clusters.cluster_name,
        query_clusters.interested_in_score,
        listed_tweets.tweet_score,
        query_clusters.interested_in_score * listed_tweets.tweet_score / nullif(candidates.dot_product, 0) as contribution_share

    from candidates

    inner join query_clusters
        on candidates.candidate_type = query_clusters.candidate_type
            and candidates.consumer_id = query_clusters.consumer_id

    inner join listed_tweets
        on candidates.candidate_type = listed_tweets.candidate_type
            and candidates.tweet_id = listed_tweets.tweet_id
            and query_clusters.cluster_id = listed_tweets.cluster_id

    left join clusters
        on query_clusters.cluster_id = clusters.cluster_id

)

select * from explanations
