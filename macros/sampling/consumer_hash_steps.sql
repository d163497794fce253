{#
    CTEs that hash consumers evenly over [0, 2^31). The last one, `result_name`, is `source_name` with the column `consumer_hash` added. The
    hash depends on consumer_id alone, in integers that both adapters compute alike. So every table samples the same consumers.
#}
{% macro consumer_hash_steps(result_name, source_name) -%}
{{ result_name }}_high_inputs as (

    select
        *,
        (consumer_id >> 31) & 2147483647 as high_input

    from {{ source_name }}

),

{{ scramble_steps(result_name ~ '_high_keys', result_name ~ '_high_inputs', 'high_input', 'high_key') }},

{{ result_name }}_inputs as (

    select
        *,
        {{ bitwise_xor('high_key', '(consumer_id & 2147483647)') }} as consumer_input

    from {{ result_name }}_high_keys

),

{{ scramble_steps(result_name, result_name ~ '_inputs', 'consumer_input', 'consumer_hash') }}
{%- endmacro %}
