{#
    For a `call` block above a bucketed_table model. The block is a select of one row per key: `bucket_key` (int64) and
    `row_count`, the rows that the key brings into the statement's largest join or grouping; an estimate will do.

    It becomes a comment of the compiled text, so its refs are ordinary refs, and reading the text shows how the work is cut.
#}
{% macro bucket_sizes() -%}
/* bucket sizes:
{{ caller() | trim }}
end of bucket sizes */
{%- endmacro %}
