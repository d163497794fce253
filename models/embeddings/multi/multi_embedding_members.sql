{{ config(materialized = 'view') }}

with

members as (
    {% for method in ['largest_dimension', 'connected_components'] %}
        select
            '{{ method }}' as grouping_method, consumer_id, producer_id, {{ method }}_rank as group_rank,
            {{ method }}_count as producer_count, fav_score, {{ method }}_score as medoid_score
        from {{ ref('int_multi_embedding_members') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from members
