{{ config(materialized = 'view') }}
{# A view, because the follows and the blocks are tables already. Lists of producers have no inactive ones. #}

with

follows as (select consumer_id, producer_id from {{ ref('stg_follows') }}),
blocks as (select user_id, blocked_user_id from {{ ref('stg_blocks') }}),

hidden_producers as (
    select consumer_id, producer_id from follows
    union distinct
    select user_id as consumer_id, blocked_user_id as producer_id from blocks
)

select * from hidden_producers
