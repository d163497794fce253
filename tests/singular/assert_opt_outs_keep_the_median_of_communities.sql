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

consumer_counts as (
    select counts_before.cluster_count as count_before, coalesce(counts_after.cluster_count, 0) as count_after

    from counts_before

    left join counts_after on counts_before.consumer_id = counts_after.consumer_id
),

totals as (select count(*) as consumer_count from consumer_counts),

{# Running counts over a few numbers, so that no warehouse sorts all consumers. #}
{% for when in ['before', 'after'] %}
    running_{{ when }} as (
        select count_{{ when }} as cluster_count, sum(count(*)) over (order by count_{{ when }}) as running_count
        from consumer_counts group by count_{{ when }}
    ),

    {# The one in the middle, or the mean of the two. #}
    median_{{ when }} as (
        select
            (
                min(case when 2 * counts.running_count >= totals.consumer_count then counts.cluster_count end)
                + min(case when 2 * counts.running_count >= totals.consumer_count + 1 then counts.cluster_count end)
            ) / 2.0 as median_count
        from running_{{ when }} as counts cross join totals
    ),

{% endfor %}
moved_medians as (
    select median_before.median_count as median_before, median_after.median_count as median_after

    from median_before

    cross join median_after

    where abs(median_before.median_count - median_after.median_count)
        >= (select thresholds.opt_out_median_share from thresholds) * median_before.median_count
)

select * from moved_medians
