{{ config(severity = 'warn', group = 'interests') }}

{# The alert of the original's opt-out job. A jump means that a wrong topic became legible, not that people changed their minds. #}
with

thresholds as (select opt_out_consumer_share from {{ ref('warning_thresholds') }}),
consumers_before as (select distinct consumer_id from {{ ref('int_consumer_cluster_scores') }}),
consumers_after as (select distinct consumer_id from {{ ref('interested_in') }}),

removed_shares as (
    select
        count(*) as consumer_count,
        sum(case when consumers_after.consumer_id is null then 1 else 0 end) as removed_count

    from consumers_before

    left join consumers_after on consumers_before.consumer_id = consumers_after.consumer_id
),

too_many_removed as (
    select consumer_count, removed_count

    from removed_shares

    where removed_count >= (select thresholds.opt_out_consumer_share from thresholds) * consumer_count
        and removed_count > 0
)

select * from too_many_removed
