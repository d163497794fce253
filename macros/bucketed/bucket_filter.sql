{#
    Marks where a bucketed_table model limits itself to one bucket of its key. As it stands the mark is `true`, so the compiled text,
    `dbt show`, unit tests and adapters that need no buckets see the whole model. The materialization puts a range of `key`
    in its place, so a range that the storage can prune by is best: filter the table that is stored in the order of the key.
#}
{% macro bucket_filter(key) -%}
    /* bucket of {{ key }} */ true
{%- endmacro %}
