{#
    BigQuery has no unnest among the columns. In DuckDB one among the relations is a join of the relation with itself, which takes several
    times as long.
#}
{% macro select_unnested(columns, arrays, relation) %}
    {{- return(adapter.dispatch('select_unnested', 'simclusters')(columns, arrays, relation)) -}}
{% endmacro %}

{% macro default__select_unnested(columns, arrays, relation) -%}
    select
        {{ columns | join(', ') }},
        {% for name, array in arrays.items() -%}
        {{ array }}[offset(array_place)] as {{ name }}{{ ', ' if not loop.last }}
        {%- endfor %}
    from {{ relation }} cross join unnest({{ arrays.values() | first }}) as array_entry with offset as array_place
{%- endmacro %}

{% macro duckdb__select_unnested(columns, arrays, relation) -%}
    select
        {{ columns | join(', ') }},
        {% for name, array in arrays.items() -%}
        unnest({{ array }}) as {{ name }}{{ ', ' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
{%- endmacro %}
