{# Whom nobody else follows or favs has no rank, and can be followed back all the same. #}
{% set behind_all = 2 ** 62 %}

with

follows as (select consumer_id, producer_id from {{ ref('stg_follows') }}),
consumers as (select distinct consumer_id from follows),
producers as (select producer_id, popularity_rank from {{ ref('producers') }}),
inactive_users as (select user_id from {{ ref('stg_users') }} where not is_active),
trials as (select uses_followers from {{ ref('co_follow_trials') }} where is_chosen),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_own_followers'),

own_followers as (
    select
        follows.producer_id as user_id,
        follows.consumer_id as producer_id,
        row_number() over (
            partition by follows.producer_id order by coalesce(producers.popularity_rank, {{ behind_all }}), follows.consumer_id
        ) as producer_rank

    from follows

    cross join trials
    inner join consumers on follows.producer_id = consumers.consumer_id
    left join producers on follows.consumer_id = producers.producer_id
    left join inactive_users on follows.consumer_id = inactive_users.user_id

    where trials.uses_followers
        and inactive_users.user_id is null

    qualify producer_rank <= (select limits.items_per_group from limits)
)

select * from own_followers
