{# No group has more than `maximum` rows, or than table_limits says of `limited_table` and `limited_item`. #}
{% test at_most_per_group(model, columns, maximum=none, limited_table=none, limited_item=none) %}

select
    {{ columns | join(', ') }},
    count(*) as row_count

from {{ model }}

group by {{ columns | join(', ') }}

{% if limited_table -%}
having count(*) > (select items_per_group from {{ ref('table_limits') }} where table_name = '{{ limited_table }}'{{ " and item_name = '" ~ limited_item ~ "'" if limited_item }})
{%- else -%}
having count(*) > {{ maximum }}
{%- endif %}

{% endtest %}
