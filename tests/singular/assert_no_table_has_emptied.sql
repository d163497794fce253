{# A day of missing input is an answer without rows, and every other test of an empty table passes. #}
{% set results = ['similarity_edges', 'known_producers', 'communities', 'interests', 'indexed_tweets', 'candidates'] %}

with

thresholds as (select minimum_count from {{ ref('warning_thresholds') }}),

{{ counts_of_runs() }},

emptied as (
    select counts.as_of, counts.metric_name, counts.previous_value

    from counts

    cross join thresholds

    where counts.run_rank = 1
        and counts.metric_name in ({{ quoted_texts(results) }})
        and counts.metric_value = 0
        and counts.previous_value >= thresholds.minimum_count
)

select * from emptied
