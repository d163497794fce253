{{ config(
    materialized = 'kernel_table' if runs_kernel('products') else 'bucketed_table',
    cluster_by = ['consumer_id', 'producer_id']
) }}
{{ read_by_kernel(
    'products', ['int_multi_embedding_neighbors', 'int_user_producer_edges', 'int_producer_links', 'int_producer_unit_vectors']
) }}

{% set methods = ['largest_dimension', 'connected_components'] %}

{# Each producer of a consumer meets every community of its vector, once per grouping method. #}
{% set neighbors = ref('int_multi_embedding_neighbors') %}
{{ buckets_by_join(neighbors, 'consumer_id', ref('int_producer_unit_vectors'), on=['producer_id'], rows_each=2) }}

with

neighbors as (
    select consumer_id, producer_id, largest_cluster_id, fav_score
    from {{ ref('int_multi_embedding_neighbors') }} where {{ bucket_filter('consumer_id') }}
),
components as (
    select consumer_id, producer_id, component_id
    from {{ sql_alone('products', 'int_multi_embedding_components') }} where {{ bucket_filter('consumer_id') }}
),
unit_vectors as (select producer_id, cluster_id, unit_score from {{ ref('int_producer_unit_vectors') }}),

members as (
    select
        'largest_dimension' as grouping_method, consumer_id, producer_id,
        min(producer_id) over (partition by consumer_id, largest_cluster_id) as group_id

    from neighbors

    union all

    select 'connected_components' as grouping_method, consumer_id, producer_id, component_id as group_id

    from components
),

{# Of one consumer, a small number replaces two keys and keeps their order. The sums below group many times as many rows. #}
numbered_members as (
    select
        grouping_method, consumer_id, producer_id, group_id,
        dense_rank() over (partition by consumer_id order by grouping_method, group_id) as group_number,
        count(*) over (partition by grouping_method, consumer_id, group_id) as producer_count

    from members
),

member_vectors as (
    select
        numbered_members.consumer_id, numbered_members.group_number, numbered_members.producer_id,
        unit_vectors.cluster_id, unit_vectors.unit_score

    from numbered_members

    inner join unit_vectors on numbered_members.producer_id = unit_vectors.producer_id
),

group_sums as (
    select consumer_id, group_number, cluster_id, sum(unit_score) as unit_score_sum
    from member_vectors group by consumer_id, group_number, cluster_id
),

{# The cosines to all members add up to the product with their sum. The original counts equal cosines once, by a slip. #}
medoid_scores as (
    select
        member_vectors.consumer_id, member_vectors.group_number, member_vectors.producer_id,
        cast({{ rounded_score('sum(member_vectors.unit_score * group_sums.unit_score_sum)') }} as float64) as medoid_score

    from member_vectors

    inner join group_sums
        on member_vectors.consumer_id = group_sums.consumer_id
            and member_vectors.group_number = group_sums.group_number
            and member_vectors.cluster_id = group_sums.cluster_id

    group by member_vectors.consumer_id, member_vectors.group_number, member_vectors.producer_id
),

scored_members as (
    select
        numbered_members.grouping_method, numbered_members.consumer_id, numbered_members.producer_id,
        dense_rank() over (
            partition by numbered_members.grouping_method, numbered_members.consumer_id
            order by numbered_members.producer_count desc, numbered_members.group_id asc
        ) as group_rank,
        numbered_members.producer_count,
        medoid_scores.medoid_score

    from numbered_members

    inner join medoid_scores
        on numbered_members.consumer_id = medoid_scores.consumer_id
            and numbered_members.group_number = medoid_scores.group_number
            and numbered_members.producer_id = medoid_scores.producer_id
),

members_of_both as (
    select
        neighbors.consumer_id, neighbors.producer_id, neighbors.fav_score,
        {% for method in methods %}
        {{ method }}.group_rank as {{ method }}_rank,
        {{ method }}.producer_count as {{ method }}_count,
        {{ method }}.medoid_score as {{ method }}_score{{ ',' if not loop.last }}
        {% endfor %}

    from neighbors

    {% for method in methods %}
        inner join scored_members as {{ method }}
            on neighbors.consumer_id = {{ method }}.consumer_id
                and neighbors.producer_id = {{ method }}.producer_id
                and {{ method }}.grouping_method = '{{ method }}'
    {% endfor %}
)

select * from members_of_both
