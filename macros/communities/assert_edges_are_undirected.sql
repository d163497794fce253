{# Stops the model, with a few offending rows, unless there is one weighted row per pair and producer_id < neighbor_producer_id. #}
{% macro assert_edges_are_undirected(given_edges) %}
    {%- set offending_rows_sql -%}
    select
        producer_id,
        neighbor_producer_id,
        min(weight_units) as lowest_weight_units,
        count(*) as row_count

    from {{ given_edges }}

    group by producer_id, neighbor_producer_id

    having
        count(*) > 1
        or producer_id is null
        or neighbor_producer_id is null
        or min(weight_units) is null
        or producer_id >= neighbor_producer_id

    order by producer_id, neighbor_producer_id

    limit 5
    {%- endset -%}

    {%- set offending_rows = run_query(offending_rows_sql).rows -%}
    {%- if offending_rows | length > 0 -%}
        {%- set listed_rows = [] -%}
        {%- for row in offending_rows -%}
            {%- do listed_rows.append(
                '(' ~ row['producer_id'] ~ ', ' ~ row['neighbor_producer_id'] ~ ') in ' ~ row['row_count'] ~ ' rows'
            ) -%}
        {%- endfor -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ': (producer_id, neighbor_producer_id) must be unique, ascending and weighted, but there are '
            ~ listed_rows | join('; ')
        ) }}
    {%- endif -%}
{% endmacro %}
