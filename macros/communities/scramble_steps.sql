{#
    CTEs that compute `scramble` of docs/community_detection.md. The last one, `result_name`, is `source_name` with the column
    `result_column` added. `input_column` holds integers in [0, 2^31).

    Three CTEs and not one expression: each step uses the step before it four times.
#}
{% macro scramble_steps(result_name, source_name, input_column, result_column) -%}
{%- set first_step = result_column ~ '_first_step' -%}
{%- set second_step = result_column ~ '_second_step' -%}
{{ result_name }}_after_first_step as (

    select
        *,
        mod({{ bitwise_xor(input_column, '(' ~ input_column ~ ' >> 16)') }} * 73244475, 2147483648) as {{ first_step }}

    from {{ source_name }}

),

{{ result_name }}_after_second_step as (

    select
        *,
        mod({{ bitwise_xor(first_step, '(' ~ first_step ~ ' >> 15)') }} * 295559667, 2147483648) as {{ second_step }}

    from {{ result_name }}_after_first_step

),

{{ result_name }} as (

    select
        *,
        {{ bitwise_xor(second_step, '(' ~ second_step ~ ' >> 16)') }} as {{ result_column }}

    from {{ result_name }}_after_second_step

)
{%- endmacro %}
