{#
    Where an input table comes from, as a dictionary: `name` for messages, `relation` to select from (none when the table is absent)
    and `stored_columns`, column name to (stored name, stored type). Asks the warehouse, so only while executing.
#}
{% macro input_origin(table_name) %}
    {% if var('input_dir') %}
        {% set folder = var('input_dir').rstrip('/') %}
        {% set paths = [folder ~ '/' ~ table_name ~ '.parquet', folder ~ '/' ~ table_name ~ '.csv'] %}
        {% set files = existing_files(paths) %}
        {% if not files %}
            {{ return({'name': paths | join(' or '), 'relation': none, 'stored_columns': {}}) }}
        {% elif files | length > 1 %}
            {{ exceptions.raise_compiler_error(input_problem(table_name, '', 'one file per table', files | join(' and ') ~ ' both exist')) }}
        {% endif %}
        {% set relation = read_file(files[0]) %}
        {% set stored_columns = {} %}
        {% for column in run_query('describe select * from ' ~ relation) %}
            {% do stored_columns.update({column[0] | trim | lower: (column[0], column[1] | lower)}) %}
        {% endfor %}
        {{ return({'name': files[0], 'relation': relation, 'stored_columns': stored_columns}) }}
    {% endif %}

    {% set declared = source('inputs', table_name) %}
    {% set relation = load_relation(declared) %}
    {% set stored_columns = {} %}
    {% if relation is not none %}
        {% for column in adapter.get_columns_in_relation(relation) %}
            {% do stored_columns.update({column.name | trim | lower: (column.name, column.dtype | lower)}) %}
        {% endfor %}
    {% endif %}
    {{ return({'name': declared | string, 'relation': relation, 'stored_columns': stored_columns}) }}
{% endmacro %}
