{# One row per producer with an edge: its position and private label, as "State" of docs/community_detection.md says, and its previous cluster id. #}
{% macro community_producers_sql(given_edges, previous_communities) %}
with

endpoints as (

    select producer_id from {{ given_edges }}

    union all

    select neighbor_producer_id as producer_id from {{ given_edges }}

),

producers as (

    select distinct producer_id from endpoints

),

previous_communities as (

    {% if previous_communities is none %}
    select
        producer_id,
        cast(null as int64) as cluster_id

    from producers

    where false
    {% else %}
    {{ previous_communities }}
    {% endif %}

),

positions as (

    select
        producers.producer_id,
        previous_communities.cluster_id,
        row_number() over (order by producers.producer_id) - 1 as group_position

    from producers

    left join previous_communities
        on producers.producer_id = previous_communities.producer_id

),

largest_labels as (

    select coalesce(max(cluster_id), 0) as largest_label from positions

),

labelled_producers as (

    select
        positions.group_position,
        positions.producer_id,
        positions.cluster_id as previous_cluster_id,
        largest_labels.largest_label + 1 + positions.group_position as private_label

    from positions

    cross join largest_labels

)

select * from labelled_producers
{% endmacro %}
