with

topic_follows as (select consumer_id, topic_id from {{ ref('stg_topic_follows') }}),
limits as (select items_per_group, minimum_score from {{ ref('table_limits') }} where table_name = 'similar_topics'),
topic_norms as (select topic_id, sqrt(cast(count(*) as float64)) as topic_norm from topic_follows group by topic_id),

common_followers as (
    select
        left_follow.topic_id,
        right_follow.topic_id as similar_topic_id,
        count(*) as common_follower_count

    from topic_follows as left_follow

    inner join topic_follows as right_follow on left_follow.consumer_id = right_follow.consumer_id

    where left_follow.topic_id <> right_follow.topic_id

    group by left_follow.topic_id, right_follow.topic_id
),

topic_similarities as (
    select
        common_followers.topic_id,
        common_followers.similar_topic_id,
        common_followers.common_follower_count / (topic_norms.topic_norm * similar_norms.topic_norm) as topic_similarity

    from common_followers

    inner join topic_norms on common_followers.topic_id = topic_norms.topic_id
    inner join topic_norms as similar_norms on common_followers.similar_topic_id = similar_norms.topic_id
),

kept_topics as (
    select
        topic_id,
        similar_topic_id,
        {{ rank_per('topic_id', 'topic_similarity', 'similar_topic_id') }} as topic_rank,
        topic_similarity

    from topic_similarities

    where {{ rounded_score('topic_similarity') }} > (select limits.minimum_score from limits)

    qualify topic_rank <= (select limits.items_per_group from limits)
)

select * from kept_topics
