{# One row per community of two or more and previous cluster id, with the producers they share. #}
{% macro community_overlaps_sql(state, producers) %}
with

communities as (

    select
        label,
        min(group_position) as first_position

    from {{ state }}

    group by label

    having count(*) > 1

),

shared_producers as (

    select
        communities.label,
        communities.first_position,
        producers.previous_cluster_id,
        count(*) as shared_count,
        false as is_matched

    from {{ state }} as state

    inner join communities
        on state.label = communities.label

    inner join {{ producers }} as producers
        on state.group_position = producers.group_position

    where producers.previous_cluster_id is not null

    group by communities.label, communities.first_position, producers.previous_cluster_id

)

select * from shared_producers
{% endmacro %}
