{#
    A number below 2^31 that looks random and depends on the two ids only. A sample drawn by it is the same on every run and adapter. The
    second product spreads small ids, which the first leaves in one part of the range.
#}
{% macro pair_hash(left_id, right_id) -%}
    mod(
        mod(mod({{ left_id }}, 2147483647) * 48271 + mod({{ right_id }}, 2147483647) * 69621, 2147483647) * 39373,
        2147483647
    )
{%- endmacro %}
