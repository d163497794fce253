{#
    A sample drawn by it is the same on every run and adapter. Without a square the ids of a consumer are drawn in equal steps, the same for
    all. Then some pairs of producers are never held out apart. The last product spreads small ids.
#}
{% macro pair_hash(left_id, right_id) -%}
    abs(mod(
        mod(
            mod(mod({{ left_id }}, 2147483647) * 48271 + mod({{ right_id }}, 2147483647) * 69621 + 1, 2147483647)
            * mod(mod({{ left_id }}, 2147483647) * 16807 + mod({{ right_id }}, 2147483647) * 39373 + 2, 2147483647),
            2147483647
        ) * 39373,
        2147483647
    ))
{%- endmacro %}


{# Whether a consumer is one of those that recipes are compared on: all, or on large data about as many as the setting says. #}
{% macro is_compared(consumer_id, graph_settings) -%}
    {{ pair_hash(consumer_id, 1) }} < (
        select 2147483647 * settings.used_number / nullif(settings.measured, 0)
        from {{ graph_settings }} as settings where settings.setting_name = 'evaluation_maximum_consumers'
    )
{%- endmacro %}


{% macro is_recipe_for(consumer_id, is_for_comparison, graph_settings) -%}
    (not {{ is_for_comparison }} or {{ is_compared(consumer_id, graph_settings) }})
{%- endmacro %}


{# The hash depends on consumer_id alone, in integers that both adapters compute alike. So every table samples the same consumers. #}
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
