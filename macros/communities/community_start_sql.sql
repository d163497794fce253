{#
    One row per producer with an edge: its position and the label it starts with, as "State" of docs/community_detection.md says.
    `previous_communities` is a select of producer_id and cluster_id, or none for a cold start.
#}
{% macro community_start_sql(given_edges, previous_communities) %}
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
        row_number() over (order by producers.producer_id) - 1 as node_position

    from producers

    left join previous_communities
        on producers.producer_id = previous_communities.producer_id

),

largest_labels as (

    select coalesce(max(cluster_id), 0) as largest_label from positions

),

start_labels as (

    select
        positions.node_position,
        positions.producer_id,
        largest_labels.largest_label + 1 + positions.node_position as private_label,
        coalesce(positions.cluster_id, largest_labels.largest_label + 1 + positions.node_position) as label,
        coalesce(positions.cluster_id, largest_labels.largest_label + 1 + positions.node_position) as epoch_start_label

    from positions

    cross join largest_labels

)

select * from start_labels
{% endmacro %}
