{{ config(cluster_by = ['tweet_id']) }}
{# A table, because the graph, the topics and the tweets read it. #}

with

engagements as (
    select user_id, tweet_id, engagement_type, engaged_at
    from {{ ref('stg_engagements') }} where engagement_type in ('fav', 'unfav')
),

last_events as (
    select
        user_id,
        tweet_id,
        max(case when engagement_type = 'fav' then engaged_at end) as faved_at,
        max(case when engagement_type = 'unfav' then engaged_at end) as unfaved_at

    from engagements

    group by user_id, tweet_id
),

{# An un-fav wins over a fav at the same instant. #}
fav_states as (
    select
        user_id,
        tweet_id,
        faved_at,
        unfaved_at,
        faved_at is not null and (unfaved_at is null or faved_at > unfaved_at) as is_faved

    from last_events
)

select * from fav_states

{{ stored_in_order(['tweet_id']) }}
