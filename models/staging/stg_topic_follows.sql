with

accepted_topic_follows as (select consumer_id, topic_id from {{ ref('base_topic_follows') }} where rejection_reason is null)

select * from accepted_topic_follows
