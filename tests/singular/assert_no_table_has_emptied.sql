{# A day of missing input is an answer without rows, and every other test of an empty table passes. #}
{% set results = ['similarity_edges', 'known_producers', 'communities', 'interests', 'indexed_tweets', 'candidates'] %}

with

thresholds as (select minimum_count from {{ ref('warning_thresholds') }}),

counts as (
    select
        as_of,
        metric_name,
        metric_value,
        lag(metric_value) over (partition by metric_name order by as_of) as previous_value,
        row_number() over (partition by metric_name order by as_of desc) as run_rank

    from {{ ref('run_report') }}

    where metric_kind = 'count'
        and metric_name in ({{ quoted_texts(results) }})
        and model_version = {{ quoted_text(var('model_version')) }}
),

emptied as (
    select counts.as_of, counts.metric_name, counts.previous_value

    from counts

    cross join thresholds

    where counts.run_rank = 1
        and counts.metric_value = 0
        and counts.previous_value >= thresholds.minimum_count
)

select * from emptied
