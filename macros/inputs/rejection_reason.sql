{# Why a row of an input table is left out: the first rule it breaks, or null for a good row. #}
{% macro rejection_reason(table_name, as_of='') -%}
    case
        {%- for condition, reason in rejection_rules(table_name, as_of) %}
        when {{ condition }} then {{ reason }}
        {%- endfor %}
    end
{%- endmacro %}
