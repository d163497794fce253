{{ config(materialized = 'view') }}
{# A view, so that it moves with the inbox. #}

{% set as_of = var('as_of') %}

with

batch_end as (

    select as_of

    from {{ ref('stg_as_of') }}

),

inbox as (

    select engaged_at

    from {{ ref('int_stream_inbox') }}

),

inbox_end as (

    select max(engaged_at) as newest_engaged_at

    from inbox

),

clock as (

    select
        case
            when {{ 'true' if as_of else 'false' }} then batch_end.as_of
            else greatest(batch_end.as_of, coalesce(inbox_end.newest_engaged_at, batch_end.as_of))
        end as as_of

    from batch_end

    cross join inbox_end

)

select * from clock
