{#
    For a group by: the score at position round(n * p) of the rising scores, from 0 and at most the last (original: ClusterEvaluation).
    Positions and the number of rows are columns. The product with an integer is exact, so both adapters take the same row.
#}
{% macro percentile_value(score, position, row_count, percent) -%}
    max(
        case
            when {{ position }} = least(cast(floor({{ row_count }} * {{ percent }} / 100 + 0.5) as int64), {{ row_count }} - 1)
                then {{ score }}
        end
    )
{%- endmacro %}
