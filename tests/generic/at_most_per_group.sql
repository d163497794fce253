{# No group has more than `maximum` rows. #}
{% test at_most_per_group(model, columns, maximum) %}

select
    {{ columns | join(', ') }},
    count(*) as row_count

from {{ model }}

group by {{ columns | join(', ') }}

having count(*) > {{ maximum }}

{% endtest %}
