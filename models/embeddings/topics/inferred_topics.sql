{{ config(cluster_by = ['user_id', 'inferred_from']) }}
with

interested_in as (select consumer_id, cluster_id from {{ ref('interested_in') }}),
known_for as (select producer_id, cluster_id from {{ ref('known_for') }}),
legible_topics as (select cluster_id, topic_id, cluster_topic_score from {{ ref('cluster_topics') }} where is_legible),

{# As in the original, the best community decides for an interest, and communities add up for being known. #}
inferred_topics as (
    select
        'interested_in' as inferred_from,
        interested_in.consumer_id as user_id,
        legible_topics.topic_id,
        max(legible_topics.cluster_topic_score) as inferred_topic_score

    from interested_in

    inner join legible_topics on interested_in.cluster_id = legible_topics.cluster_id

    group by interested_in.consumer_id, legible_topics.topic_id

    union all

    select
        'known_for' as inferred_from,
        known_for.producer_id as user_id,
        legible_topics.topic_id,
        sum(legible_topics.cluster_topic_score) as inferred_topic_score

    from known_for

    inner join legible_topics on known_for.cluster_id = legible_topics.cluster_id

    group by known_for.producer_id, legible_topics.topic_id
)

select * from inferred_topics
