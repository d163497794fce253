{#
    The random numbers of docs/community_detection.md: `scramble` and `xor` as SQL, for rows, and as Jinja, for the one number of an
    epoch. Products of 31-bit factors stay below 2^62, because neither dialect wraps on overflow.
#}
{% macro scramble_numbers() %}
    {{- return({
        'range': 2147483648,
        'first_factor': 73244475,
        'second_factor': 295559667,
        'block_label': 2147483647
    }) -}}
{% endmacro %}


{# `^` is a power on DuckDB and `xor` a boolean on BigQuery; `&` means the same on both. #}
{% macro bitwise_xor(left_value, right_value) -%}
    ({{ left_value }} + {{ right_value }} - 2 * ({{ left_value }} & {{ right_value }}))
{%- endmacro %}


{# Three CTEs and not one expression: each step uses the step before it four times. #}
{% macro scramble_steps(result_name, source_name, input_column, result_column) -%}
{%- set numbers = scramble_numbers() -%}
{%- set first_step = result_column ~ '_first_step' -%}
{%- set second_step = result_column ~ '_second_step' -%}
{{ result_name }}_after_first_step as (
    select
        *,
        mod(
            {{ bitwise_xor(input_column, '(' ~ input_column ~ ' >> 16)') }} * {{ numbers.first_factor }}, {{ numbers.range }}
        ) as {{ first_step }}

    from {{ source_name }}
),

{{ result_name }}_after_second_step as (
    select
        *,
        mod(
            {{ bitwise_xor(first_step, '(' ~ first_step ~ ' >> 15)') }} * {{ numbers.second_factor }}, {{ numbers.range }}
        ) as {{ second_step }}

    from {{ result_name }}_after_first_step
),

{{ result_name }} as (
    select
        *,
        {{ bitwise_xor(second_step, '(' ~ second_step ~ ' >> 16)') }} as {{ result_column }}

    from {{ result_name }}_after_second_step
)
{%- endmacro %}


{# The key of an epoch is a constant of its statements, so no row computes it. #}
{% macro scrambled(value) %}
    {%- set numbers = scramble_numbers() -%}
    {%- set first_step = (xored(value, value // 2 ** 16) * numbers.first_factor) % numbers.range -%}
    {%- set second_step = (xored(first_step, first_step // 2 ** 15) * numbers.second_factor) % numbers.range -%}
    {{- return(xored(second_step, second_step // 2 ** 16)) -}}
{% endmacro %}


{# Jinja has no bit operators, so the bits are added up. #}
{% macro xored(left_value, right_value) %}
    {%- set total = namespace(value=0) -%}
    {%- for bit in range(32) -%}
        {%- set is_set_once = (left_value // 2 ** bit + right_value // 2 ** bit) % 2 -%}
        {%- set total.value = total.value + is_set_once * 2 ** bit -%}
    {%- endfor -%}
    {{- return(total.value) -}}
{% endmacro %}
