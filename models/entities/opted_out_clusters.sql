with

opt_outs as (select user_id, topic_id, opt_out_kind from {{ ref('stg_opt_outs') }}),
legible_topics as (select cluster_id, topic_id from {{ ref('cluster_topics') }} where is_legible),

opted_out_clusters as (
    select distinct opt_outs.opt_out_kind, opt_outs.user_id, legible_topics.cluster_id

    from opt_outs

    inner join legible_topics on opt_outs.topic_id = legible_topics.topic_id
)

select * from opted_out_clusters
