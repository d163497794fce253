{#
    Where the work of a bucketed_table model is cut: one row per key, with the rows it brings into the largest join or grouping. An estimate
    will do. The query stands as a comment above the model's select. So its refs are ordinary refs, and the compiled text shows how the work
    is cut.
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
    Marks where a bucketed_table model limits itself to one bucket of its key. The mark itself is `true`, so the compiled text, `dbt show`,
    unit tests and adapters without buckets see the whole model. The materialization replaces it by a range of `key`. Filter a table that is
    stored in the order of the key, because the storage can then prune by the range.
#}
{% macro bucket_filter(key) -%}
    /* bucket of {{ key }} */ true
{%- endmacro %}
