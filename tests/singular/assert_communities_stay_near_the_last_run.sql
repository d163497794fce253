{{ config(severity = 'warn') }}

{# A part of the input that is missing hides in the totals and shows in the communities that it belongs to. #}
{% set cluster_factor = var('warn_cluster_factor') %}
{% set counts = ['follower_count', 'interested_consumer_count', 'fav_consumer_count'] %}
{% set minimum_count = var('warn_minimum_count') %}

with

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
        this.cluster_id,
        this.cluster_name,
        {%- for count_name in counts %}
        before.{{ count_name }} as previous_{{ count_name }},
        this.{{ count_name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from histories as this

    inner join histories as before
        on this.cluster_id = before.cluster_id

    where this.run_rank = 1
        and before.run_rank = 2
        and before.producer_count >= {{ var('compared_cluster_minimum_producers') }}
        and (
            {%- for count_name in counts %}
            {{ 'or ' if not loop.first }}(
                greatest(this.{{ count_name }}, before.{{ count_name }}) >= {{ minimum_count }}
                and (
                    this.{{ count_name }} > before.{{ count_name }} * {{ cluster_factor }}
                    or this.{{ count_name }} < before.{{ count_name }} / {{ cluster_factor }}
                )
            )
            {%- endfor %}
        )

)

select * from changed_clusters
