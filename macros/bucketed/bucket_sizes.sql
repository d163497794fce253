{#
    Where the work of a bucketed_table model is cut: a query of one row per key, with the rows that it brings into the largest join or
    grouping of its statement. An estimate will do. The query stands as a comment above the model's select, so that its refs are
    ordinary refs and the compiled text shows how the work is cut.
#}

{# Each row of `relation` counts `rows_each`: for a model that groups or ranks the rows of a key. #}
{% macro buckets_by_rows(relation, key, rows_each=1) -%}
/* bucket sizes:
select {{ key }} as bucket_key, count(*){{ ' * ' ~ rows_each if rows_each != 1 }} as row_count from {{ relation }} group by {{ key }}
end of bucket sizes */
{%- endmacro %}


{# Each row of `relation` meets the rows of `met` that are equal in the columns `on`. #}
{% macro buckets_by_join(relation, key, met, on, where='true', rows_each=1) -%}
/* bucket sizes:
select
    {{ key }} as bucket_key,
    cast(sum(met_count{{ ' * ' ~ rows_each if rows_each != 1 }}) as int64) as row_count

from {{ relation }} as cut_rows

inner join (select {{ on | join(', ') }}, count(*) as met_count from {{ met }} group by {{ on | join(', ') }}) as met_rows
    using ({{ on | join(', ') }})

where {{ where }}

group by {{ key }}
end of bucket sizes */
{%- endmacro %}


{#
    Marks where a bucketed_table model limits itself to one bucket of its key. As it stands the mark is `true`, so the compiled text,
    `dbt show`, unit tests and adapters that need no buckets see the whole model. The materialization puts a range of `key`
    in its place, so a range that the storage can prune by is best: filter the table that is stored in the order of the key.
#}
{% macro bucket_filter(key) -%}
    /* bucket of {{ key }} */ true
{%- endmacro %}
