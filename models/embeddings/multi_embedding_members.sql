{{ config(cluster_by = ['consumer_id', 'grouping_method', 'group_rank']) }}
with

neighbors as (

    select
        consumer_id,
        producer_id,
        largest_cluster_id,
        fav_score

    from {{ ref('int_multi_embedding_neighbors') }}

),

components as (

    select
        consumer_id,
        producer_id,
        component_id

    from {{ ref('int_multi_embedding_components') }}

),

unit_vectors as (

    select
        producer_id,
        cluster_id,
        unit_score

    from {{ ref('int_producer_unit_vectors') }}

),

members as (

    select
        'largest_dimension' as grouping_method,
        consumer_id,
        producer_id,
        min(producer_id) over (partition by consumer_id, largest_cluster_id) as group_id,
        fav_score

    from neighbors

    union all

    select
        'connected_components' as grouping_method,
        neighbors.consumer_id,
        neighbors.producer_id,
        components.component_id as group_id,
        neighbors.fav_score

    from neighbors

    inner join components
        on neighbors.consumer_id = components.consumer_id
            and neighbors.producer_id = components.producer_id

),

group_sums as (

    select
        members.grouping_method,
        members.consumer_id,
        members.group_id,
        unit_vectors.cluster_id,
        sum(unit_vectors.unit_score) as unit_score_sum

    from members

    inner join unit_vectors
        on members.producer_id = unit_vectors.producer_id

    group by
        members.grouping_method,
        members.consumer_id,
        members.group_id,
        unit_vectors.cluster_id

),

{# The cosines to all members add up to the product with their sum. The original counts equal cosines once, by a slip. #}
medoid_scores as (

    select
        members.grouping_method,
        members.consumer_id,
        members.producer_id,
        members.group_id,
        members.fav_score,
        cast(sum(unit_vectors.unit_score * group_sums.unit_score_sum) as float64) as medoid_score

    from members

    inner join unit_vectors
        on members.producer_id = unit_vectors.producer_id

    inner join group_sums
        on members.grouping_method = group_sums.grouping_method
            and members.consumer_id = group_sums.consumer_id
            and members.group_id = group_sums.group_id
            and unit_vectors.cluster_id = group_sums.cluster_id

    group by
        members.grouping_method,
        members.consumer_id,
        members.producer_id,
        members.group_id,
        members.fav_score

),

group_sizes as (

    select
        grouping_method,
        consumer_id,
        group_id,
        count(*) as producer_count

    from members

    group by
        grouping_method,
        consumer_id,
        group_id

),

ranked_groups as (

    select
        grouping_method,
        consumer_id,
        group_id,
        {{ rank_per(['grouping_method', 'consumer_id'], 'producer_count', 'group_id') }} as group_rank,
        producer_count

    from group_sizes

),

ranked_members as (

    select
        medoid_scores.grouping_method,
        medoid_scores.consumer_id,
        medoid_scores.producer_id,
        ranked_groups.group_rank,
        ranked_groups.producer_count,
        medoid_scores.fav_score,
        medoid_scores.medoid_score

    from medoid_scores

    inner join ranked_groups
        on medoid_scores.grouping_method = ranked_groups.grouping_method
            and medoid_scores.consumer_id = ranked_groups.consumer_id
            and medoid_scores.group_id = ranked_groups.group_id

)

select * from ranked_members
