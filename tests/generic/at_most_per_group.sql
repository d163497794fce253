{# No group has more than `maximum` rows, or than table_limits says of `limited_table`. A table with ranks asks ranks_are_dense. #}
{% test at_most_per_group(model, columns, maximum=none, limited_table=none) %}

select
    {{ columns | join(', ') }},
    count(*) as row_count

from {{ model }}

group by {{ columns | join(', ') }}

having count(*) > {{ maximum or most_items(limited_table) }}

{% endtest %}
