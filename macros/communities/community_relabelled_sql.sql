{# The state with a kept cluster id as label, and the private label of the first member where none is kept. #}
{% macro community_relabelled_sql(state, overlaps) %}
with

community_labels as (

    select
        state.label,
        coalesce(min(kept_ids.previous_cluster_id), min(state.private_label)) as new_label

    from {{ state }} as state

    left join {{ overlaps }} as kept_ids
        on state.label = kept_ids.label

    group by state.label

),

relabelled_state as (

    select
        state.group_position,
        state.private_label,
        community_labels.new_label as label,
        state.epoch_start_label,
        state.producer_count

    from {{ state }} as state

    inner join community_labels
        on state.label = community_labels.label

)

select * from relabelled_state
{% endmacro %}
