{{ config(severity = 'warn', group = 'interests', tags = 'daily') }}

{# The other alert of the original's opt-out job. Consumers who lose every community count with none. #}
with

thresholds as (select opt_out_median_share from {{ ref('warning_thresholds') }}),

counts_before as (
    select
        consumer_id,
        least(count(*), {{ var('clusters_per_consumer') }}) as cluster_count

    from {{ ref('int_consumer_cluster_scores') }}

    group by consumer_id
),

counts_after as (select consumer_id, count(*) as cluster_count from {{ ref('interested_in') }} group by consumer_id),

ranked_counts as (
    select
        counts_before.cluster_count as count_before,
        coalesce(counts_after.cluster_count, 0) as count_after,
        row_number() over (order by counts_before.cluster_count, counts_before.consumer_id) as rank_before,
        row_number() over (order by coalesce(counts_after.cluster_count, 0), counts_before.consumer_id) as rank_after,
        count(*) over () as consumer_count

    from counts_before

    left join counts_after on counts_before.consumer_id = counts_after.consumer_id
),

{# The one in the middle, or the mean of the two. #}
medians as (
    select
        avg(case when abs(2 * rank_before - consumer_count - 1) <= 1 then count_before end) as median_before,
        avg(case when abs(2 * rank_after - consumer_count - 1) <= 1 then count_after end) as median_after

    from ranked_counts
),

moved_medians as (
    select median_before, median_after

    from medians

    where abs(median_before - median_after) >= (select thresholds.opt_out_median_share from thresholds) * median_before
)

select * from moved_medians
