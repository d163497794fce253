{#
    a xor b for non-negative integers. `^` is a power on DuckDB and `xor` a boolean on BigQuery; `&` means the same on both.
#}
{% macro bitwise_xor(left_value, right_value) -%}
    ({{ left_value }} + {{ right_value }} - 2 * ({{ left_value }} & {{ right_value }}))
{%- endmacro %}
