{# The state in which every producer is a part of its own. #}
{% macro community_single_parts_sql(state) %}
with

single_parts as (

    select
        group_position,
        private_label,
        private_label as label,
        private_label as epoch_start_label,
        producer_count

    from {{ state }}

)

select * from single_parts
{% endmacro %}
