{{ config(severity = 'warn', tags = 'daily') }}

{# Only consumers with enough follows can have proof at all. #}
with

followers as (
    select consumer_id from {{ ref('stg_follows') }} group by consumer_id
    having count(*) >= {{ 2 if var('minimum_social_proof') == 'auto' else var('minimum_social_proof') }}
),
thresholds as (select interested_share from {{ ref('warning_thresholds') }}),
interested as (select distinct consumer_id from {{ ref('interested_in') }}),

shares as (
    select
        count(*) as consumer_count,
        sum(case when interested.consumer_id is not null then 1 else 0 end) as interested_consumer_count

    from followers

    left join interested on followers.consumer_id = interested.consumer_id
),

too_few as (
    select consumer_count, interested_consumer_count

    from shares

    where interested_consumer_count < consumer_count * (select thresholds.interested_share from thresholds)
)

select * from too_few
