{# The same state: what the search goes back to. #}
{% macro community_copy_sql(state) %}
select
    group_position,
    private_label,
    label,
    epoch_start_label,
    producer_count

from {{ state }}
{% endmacro %}
