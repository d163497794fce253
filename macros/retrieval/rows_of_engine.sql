{#
    SQL stores a row per pair. The kernel stores arrays, and each item once, because the ids and ranks of hundreds of items would take more
    room than their scores. For a view whose last CTE is engine_rows.
#}
{% macro rows_of_engine(step, model, recipe, row, item, rank, of_pairs, of_items=[]) -%}
{%- set relation = ref(model ~ '_' ~ engine_of(step)) -%}
{%- if engine_of(step) == 'sql' -%}
engine_rows as (
    select {{ (recipe + [row, item, rank] + (of_pairs | list) + of_items) | join(', ') }}
    from {{ relation }}
)
{%- else -%}
{%- set arrays = {'item_position': 'item_positions'} -%}
{%- for name in of_pairs -%}
    {%- do arrays.update({name: modules.re.sub('y$', 'ie', name) ~ 's'}) -%}
{%- endfor -%}
stored_lists as (
    select {{ (recipe + [row] + (arrays.values() | list)) | join(', ') }}
    from {{ relation }} where {{ row }} is not null
),
items as (
    select {{ (recipe + [item, 'item_position'] + of_items) | join(', ') }}
    from {{ relation }} where {{ item }} is not null
),

pairs as (
    {{ select_unnested(recipe + [row], arrays, 'stored_lists', place=rank) }}
),

engine_rows as (
    select
        {% for column in recipe + [row] -%}
        pairs.{{ column }},
        {% endfor -%}
        items.{{ item }},
        pairs.{{ rank }},
        {% for name, data_type in of_pairs.items() -%}
        cast(pairs.{{ name }} as {{ data_type }}) as {{ name }}{{ ',' if not loop.last or of_items }}
        {% endfor -%}
        {% for column in of_items -%}
        items.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from pairs

    inner join items
        on {% for column in recipe + ['item_position'] %}{{ '\n            and ' if not loop.first }}pairs.{{ column }} = items.{{ column }}{% endfor %}
)
{%- endif -%}
{%- endmacro %}
