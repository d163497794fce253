{{
    config(
        materialized = 'incremental',
        full_refresh = false,
        pre_hook = "{{ forget_events_of_other_inputs() }}"
    )
}}
{# Empty and never rebuilt, because loaders such as `make stream` insert into it. dbt makes it, so it is always there. #}

with

no_events as (
    select
        cast(null as int64) as user_id,
        cast(null as int64) as tweet_id,
        cast(null as string) as engagement_type,
        cast(null as timestamp) as engaged_at
),

inbox as (select user_id, tweet_id, engagement_type, engaged_at from no_events where user_id is not null)

select * from inbox
