{# A pair stands in both directions with the same value. #}
{% test symmetric_pairs(model, left_column, right_column, value_column) %}

select
    pairs.{{ left_column }},
    pairs.{{ right_column }}

from {{ model }} as pairs

left join {{ model }} as mirrored
    on pairs.{{ left_column }} = mirrored.{{ right_column }}
        and pairs.{{ right_column }} = mirrored.{{ left_column }}

where mirrored.{{ left_column }} is null
    or pairs.{{ left_column }} = pairs.{{ right_column }}
    or pairs.{{ value_column }} <> mirrored.{{ value_column }}

{% endtest %}
