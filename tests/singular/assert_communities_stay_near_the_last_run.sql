{{ config(severity = 'warn') }}

{# A missing part of the input hides in the totals, and shows in the communities that it belongs to. #}
{% set counts = ['follower_count', 'interested_consumer_count', 'fav_consumer_count'] %}

with

thresholds as (select cluster_factor, minimum_count, minimum_producers from {{ ref('warning_thresholds') }}),

histories as (
    select
        as_of,
        cluster_id,
        cluster_name,
        producer_count,
        {{ counts | join(',
        ') }},
        dense_rank() over (order by as_of desc) as run_rank

    from {{ ref('cluster_history') }}
),

changed_clusters as (
    select
        {%- for count_name in counts %}
            earlier.{{ count_name }} as previous_{{ count_name }},
            newest.{{ count_name }},
        {%- endfor %}
        newest.cluster_id,
        newest.cluster_name

    from histories as newest

    inner join histories as earlier on newest.cluster_id = earlier.cluster_id
    cross join thresholds

    where newest.run_rank = 1
        and earlier.run_rank = 2
        and earlier.producer_count >= thresholds.minimum_producers
        and (
            {%- for count_name in counts %}
                {{ 'or ' if not loop.first }}(
                    greatest(newest.{{ count_name }}, earlier.{{ count_name }}) >= thresholds.minimum_count
                    and (
                        newest.{{ count_name }} > earlier.{{ count_name }} * thresholds.cluster_factor
                        or newest.{{ count_name }} < earlier.{{ count_name }} / thresholds.cluster_factor
                    )
                )
            {%- endfor %}
        )
)

select * from changed_clusters
