{#
    `scramble` and `xor` of docs/community_detection.md for one number, while the statements are written: the key of an epoch is a
    constant of its statements. Jinja has no bit operators, so xor adds up bits.
#}
{% macro scrambled(value) %}
    {%- set value = (xored(value, value // 65536) * 73244475) % 2147483648 -%}
    {%- set value = (xored(value, value // 32768) * 295559667) % 2147483648 -%}
    {{- return(xored(value, value // 65536)) -}}
{% endmacro %}

{% macro xored(left_value, right_value) %}
    {%- set total = namespace(value=0) -%}
    {%- for bit in range(32) -%}
        {%- set total.value = total.value + (left_value // 2 ** bit + right_value // 2 ** bit) % 2 * 2 ** bit -%}
    {%- endfor -%}
    {{- return(total.value) -}}
{% endmacro %}
