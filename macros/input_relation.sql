{#
    What a staging model selects an input table from: the sample seed, a file (var input_dir) or a table of another schema (var input_schema).
    Files and tables are read as a relation with exactly the columns of `input_tables`: absent ones are typed nulls, others are left out,
    and an absent table has no rows. The edge to the seed stays in every case, because the unit tests always read the sample.
#}
{% macro input_relation(table_name) %}
    {% set sample = ref('raw_' ~ table_name) %}
    {% set is_sample = not var('input_dir') and not var('input_schema') %}
    {% if var('input_schema') %}
        {# Named while parsing, so that the lineage shows it. #}
        {% do source('inputs', table_name) %}
    {% endif %}

    {% if is_sample or not execute or model.resource_type == 'unit_test' %}
        {{ return(sample) }}
    {% endif %}

    {{ return(typed_input(table_name, input_origin(table_name))) }}
{% endmacro %}
