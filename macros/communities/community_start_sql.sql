{# The state that a run starts from. #}
{% macro community_start_sql(producers) %}
with

start_labels as (

    select
        group_position,
        private_label,
        coalesce(previous_cluster_id, private_label) as label,
        coalesce(previous_cluster_id, private_label) as epoch_start_label,
        cast(1 as int64) as producer_count

    from {{ producers }}

)

select * from start_labels
{% endmacro %}
