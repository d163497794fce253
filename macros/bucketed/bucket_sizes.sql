{#
    Where the work of a bucketed_table model is cut: one row per key, with the rows it brings into the largest join or grouping. An estimate
    will do. The query stands as a comment above the model's select. So its refs are ordinary refs, and the compiled text shows how the work
    is cut.
#}

{% macro buckets_by_rows(relation, key, rows_each=1) -%}
/* bucket sizes:
select {{ key }} as bucket_key, count(*){{ ' * ' ~ rows_each if rows_each != 1 }} as row_count from {{ relation }} group by {{ key }}
end of bucket sizes */
{%- endmacro %}


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
    The mark itself is `true`, so the compiled text, `dbt show`, unit tests and adapters without buckets see the whole model.
#}
{% macro bucket_filter(key) -%}
    /* bucket of {{ key }} */ true
{%- endmacro %}
