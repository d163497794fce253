{% set asked = var('communities_k') %}

with

community_edges as (select producer_id, neighbor_producer_id, edge_weight from {{ ref('int_community_edges') }}),

both_directions as (
    select producer_id, edge_weight from community_edges
    union all
    select neighbor_producer_id as producer_id, edge_weight from community_edges
),

{#
    Of n equal weights this is n, and of one heavy weight among light ones nearly 1. So it counts the neighbours that matter, which are those
    of the producer's own community.
#}
effective_neighbors as (
    select
        producer_id,
        sum(edge_weight) * sum(edge_weight) / nullif(sum(edge_weight * edge_weight), 0) as neighbor_count

    from both_directions

    group by producer_id
),

communities_k as (
    select
        'communities_k' as setting_name,
        {{ quoted_text(asked | string) }} as asked,
        {% if asked == 'auto' -%}
            cast(greatest(round(count(*) / (1 + coalesce(avg(neighbor_count), 0.0))), 1) as float64) as used_number,
        {%- else -%}
            cast({{ asked }} as float64) as used_number,
        {%- endif %}
        cast(1 + coalesce(avg(neighbor_count), 0.0) as float64) as measured,
        {{ "'linked producers over the mean number of near neighbours, counted by weight, and one'" if asked == 'auto' else "'asked for'" }}
            as reason

    from effective_neighbors
),

{# Four find more than eight or twelve on most data (benchmarks/recommendation). #}
settings as (
    select setting_name, asked, used_number, measured, reason from communities_k
    union all
    select
        'fine_communities_k' as setting_name,
        'auto' as asked,
        cast(greatest(round(count(*) / 4), 1) as float64) as used_number,
        cast(count(*) as float64) as measured,
        'linked producers over four' as reason

    from effective_neighbors
)

select * from settings
