{#
    Where an input table comes from, as a dictionary: `name` for messages, `files` found, `relation` to select from (none when there is
    nothing to read) and `stored_columns`, column name to (stored name, stored type). Asks the warehouse, so only while executing.
#}
{% macro input_origin(table_name) %}
    {% set stored_columns = {} %}

    {% if var('input_dir') %}
        {% set stem = var('input_dir').rstrip('/') ~ '/' ~ table_name %}
        {% set files = existing_files([stem ~ '.parquet', stem ~ '.csv']) %}
        {% set name = files | map(attribute='path') | join(' and ') or stem ~ '.parquet or ' ~ table_name ~ '.csv' %}
        {% set relation = read_file(files[0]['path']) if files and files[0]['size'] > 0 else none %}
        {% if relation is not none %}
            {% for column in run_query('describe select * from ' ~ relation) %}
                {% do stored_columns.update({column[0] | trim | lower: (column[0], column[1] | lower)}) %}
            {% endfor %}
        {% endif %}
        {{ return({'name': name, 'files': files, 'relation': relation, 'stored_columns': stored_columns}) }}
    {% endif %}

    {% set declared = source('inputs', table_name) %}
    {% set relation = load_relation(declared) %}
    {% if relation is not none %}
        {% for column in adapter.get_columns_in_relation(relation) %}
            {% do stored_columns.update({column.name | trim | lower: (column.name, column.dtype | lower)}) %}
        {% endfor %}
    {% endif %}
    {{ return({'name': declared | string, 'files': [], 'relation': relation, 'stored_columns': stored_columns}) }}
{% endmacro %}
