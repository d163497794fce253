{% set consumer_score, settings = var('consumer_score'), ref('int_graph_settings') %}
{% set by_follow, by_fav = "'follow_based_entity'", "'fav_based_entity'" %}
{% set is_follow = resolved_number('auto', 'consumer_score', settings) ~ ' = 1' %}
{% set as_resolved = 'case when ' ~ is_follow ~ ' then ' ~ by_follow ~ ' else ' ~ by_fav ~ ' end' %}
{% set described_by = as_resolved if consumer_score == 'auto' else by_follow if consumer_score == 'follow' else by_fav %}

with

cluster_top_entities as (
    select cluster_id, entity_id, entity_rank, entity_score
    from {{ ref('cluster_top_entities') }} where embedding_type = {{ described_by }}
),
topics as (select topic_id, topic_name from {{ ref('stg_topics') }}),
limits as (select minimum_score from {{ ref('table_limits') }} where table_name = 'cluster_topics'),

named_topics as (
    select
        entities.cluster_id,
        entities.entity_id as topic_id,
        topics.topic_name,
        entities.entity_rank as topic_rank,
        entities.entity_score as cluster_topic_score,
        {{ rounded_score('entities.entity_score') }} >= (select limits.minimum_score from limits) as is_legible

    from cluster_top_entities as entities

    inner join topics on entities.entity_id = topics.topic_id
),

{# The best topic describes a community better than none. #}
kept_topics as (
    select cluster_id, topic_id, topic_name, topic_rank, cluster_topic_score, is_legible

    from named_topics

    where is_legible
        or topic_rank = 1
)

select * from kept_topics
