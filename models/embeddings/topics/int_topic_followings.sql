{{ config(materialized = 'view') }}

{% set minimum_active_followers = resolved_number(
    var('minimum_active_followers'), 'minimum_active_followers', ref('int_graph_settings')
) %}

with

topic_consumers as (select distinct consumer_id from {{ ref('stg_topic_follows') }}),
user_user_graph as (select consumer_id, producer_id from {{ ref('user_user_graph') }} where is_followed),
limits as (select minimum_score from {{ ref('table_limits') }} where table_name = 'int_topic_followings'),
producers as (
    select producer_id, is_eligible as is_listed
    from {{ ref('producers') }}
    where active_follower_count >= (select least({{ minimum_active_followers }}, limits.minimum_score) from limits)
),

{# Followers without any topic say nothing about topics, so they do not count. #}
followings as (
    select graph.consumer_id, graph.producer_id, producers.is_listed

    from user_user_graph as graph

    inner join producers on graph.producer_id = producers.producer_id
    inner join topic_consumers on graph.consumer_id = topic_consumers.consumer_id
)

select * from followings
