{# Pearson correlation of two columns of a group; 0 when either does not vary (original: Util.scala). #}
{% macro pearson_correlation(left_column, right_column) -%}
    {%- set left_variance -%}
        (count(*) * sum({{ left_column }} * {{ left_column }}) - sum({{ left_column }}) * sum({{ left_column }}))
    {%- endset -%}
    {%- set right_variance -%}
        (count(*) * sum({{ right_column }} * {{ right_column }}) - sum({{ right_column }}) * sum({{ right_column }}))
    {%- endset -%}
    case
        when {{ left_variance }} > 1e-12 and {{ right_variance }} > 1e-12
            then greatest(-1.0, least(1.0, (
                count(*) * sum({{ left_column }} * {{ right_column }}) - sum({{ left_column }}) * sum({{ right_column }})
            ) / sqrt({{ left_variance }} * {{ right_variance }})))
        else 0.0
    end
{%- endmacro %}
