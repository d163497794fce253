{{ config(materialized = 'view') }}

with

clock as (select as_of from {{ ref('int_stream_clock') }}),
inbox as (select user_id, tweet_id, engagement_type, engaged_at from {{ ref('int_stream_inbox') }}),
files as (select file_name, outcome, reason, row_count, example_row from {{ ref('int_stream_files') }}),

dated_inbox as (
    select
        inbox.user_id,
        inbox.tweet_id,
        inbox.engagement_type,
        inbox.engaged_at,
        clock.as_of,
        {{ row_text('engagements', 'inbox', []) }} as row_text

    from inbox

    cross join clock
),

{# What a pass leaves in the inbox breaks a rule, or is ahead of its time. #}
left_in_inbox as (
    select
        coalesce(
            {{ rejection_reason('engagements') }},
            case when engaged_at > as_of then 'engaged_at is ahead of the stream; the event waits for its time' end
        ) as reason,
        row_text

    from dated_inbox
),

problems as (
    select
        'int_stream_inbox' as source_name,
        reason,
        count(*) as row_count,
        min(row_text) as example_row

    from left_in_inbox

    where reason is not null

    group by reason

    union all

    select
        file_name as source_name,
        concat(case when outcome = 'waits' then 'not read yet: ' when outcome = 'failed' then 'not read: ' else '' end, reason) as reason,
        row_count,
        example_row

    from files

    where outcome <> 'taken'
)

select * from problems
