{# A one-line law of each row. A row for which it is false or unknown fails. #}
{% test holds(model, law) %}

select *

from {{ model }}

where not coalesce({{ law }}, false)

{% endtest %}
