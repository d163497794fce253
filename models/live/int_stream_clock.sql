{{ config(materialized = 'view') }}
{# A view, so it moves with the events. The var as_of ends the batch only, because the stream cannot take back what it took in. #}

with

batch_end as (select as_of from {{ ref('stg_as_of') }}),
pairs as (select last_event from {{ ref('int_stream_pairs') }}),
stream_end as (select {{ timestamp_from_millis(event_millis('max(last_event)')) }} as newest_event_at from pairs),

clock as (
    select greatest(batch_end.as_of, coalesce(stream_end.newest_event_at, batch_end.as_of)) as as_of

    from batch_end

    cross join stream_end
)

select * from clock
