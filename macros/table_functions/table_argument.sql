{#
    An argument of a table function, for its model. A unit test runs the model as a plain query and gives the value in the var
    `table_arguments`.
#}
{% macro table_argument(name) -%}
    {{ var('table_arguments', {}).get(name, name) }}
{%- endmacro %}
