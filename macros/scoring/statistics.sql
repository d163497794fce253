{% macro pearson_correlation(left_column, right_column) -%}
    {%- set left_variance -%}
        (count(*) * sum({{ left_column }} * {{ left_column }}) - sum({{ left_column }}) * sum({{ left_column }}))
    {%- endset -%}
    {%- set right_variance -%}
        (count(*) * sum({{ right_column }} * {{ right_column }}) - sum({{ right_column }}) * sum({{ right_column }}))
    {%- endset -%}
    case
        when {{ left_variance }} > 1e-12 * count(*) * sum({{ left_column }} * {{ left_column }})
            and {{ right_variance }} > 1e-12 * count(*) * sum({{ right_column }} * {{ right_column }})
            then greatest(-1.0, least(1.0, (
                count(*) * sum({{ left_column }} * {{ right_column }}) - sum({{ left_column }}) * sum({{ right_column }})
            ) / sqrt({{ left_variance }} * {{ right_variance }})))
        else 0.0
    end
{%- endmacro %}


{# The product with an integer is exact, so both adapters take the same row. #}
{% macro percentile_value(score, position, row_count, percent) -%}
    max(
        case
            when {{ position }} = least(cast(floor({{ row_count }} * {{ percent }} / 100 + 0.5) as int64), {{ row_count }} - 1)
                then {{ score }}
        end
    )
{%- endmacro %}


{# The last digits of a sum may bring the variance below 0. #}
{% macro population_deviation(score) -%}
    sqrt(greatest(avg({{ score }} * {{ score }}) - avg({{ score }}) * avg({{ score }}), 0.0))
{%- endmacro %}
