with

interested_in as (
    select consumer_id, cluster_id, follow_score_cluster_normalized, fav_score_cluster_normalized, log_fav_score_cluster_normalized
    from {{ ref('interested_in') }}
),
limits as (select minimum_score from {{ ref('table_limits') }} where table_name = 'cluster_neighbors'),

similarities as (
    select
        left_interests.cluster_id,
        right_interests.cluster_id as neighbor_cluster_id,
        count(*) as common_consumer_count,
        cast(sum(left_interests.follow_score_cluster_normalized * right_interests.follow_score_cluster_normalized) as float64)
            as follow_cosine_similarity,
        cast(sum(left_interests.fav_score_cluster_normalized * right_interests.fav_score_cluster_normalized) as float64)
            as fav_cosine_similarity,
        cast(sum(left_interests.log_fav_score_cluster_normalized * right_interests.log_fav_score_cluster_normalized) as float64)
            as log_fav_cosine_similarity

    from interested_in as left_interests

    inner join interested_in as right_interests
        on left_interests.consumer_id = right_interests.consumer_id
            and left_interests.cluster_id <> right_interests.cluster_id

    group by left_interests.cluster_id, right_interests.cluster_id
),

near_clusters as (
    select
        cluster_id,
        neighbor_cluster_id,
        {{ rank_per('cluster_id', '(follow_cosine_similarity + log_fav_cosine_similarity) / 2', 'neighbor_cluster_id') }}
            as neighbor_rank,
        common_consumer_count,
        follow_cosine_similarity,
        fav_cosine_similarity,
        log_fav_cosine_similarity

    from similarities

    where {{ rounded_score('follow_cosine_similarity') }} > (select limits.minimum_score from limits)
        or {{ rounded_score('fav_cosine_similarity') }} > (select limits.minimum_score from limits)
        or {{ rounded_score('log_fav_cosine_similarity') }} > (select limits.minimum_score from limits)
)

select * from near_clusters
