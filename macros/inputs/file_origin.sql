{#
    A table of the var input_dir. A source is what could be the whole table: one file, numbered files of one kind, or the files of one folder.
    More than one source is a problem, because nobody knows which is meant. The usual spellings stand as patterns, because listing the folder
    breaks on a name that is not UTF-8.
#}
{% macro file_origin(table_name) %}
    {% set folder = var('input_dir').rstrip('/') %}
    {% set patterns = [] %}
    {% for spelling in [table_name, table_name | upper, table_name | capitalize, table_name.title()] %}
        {% do patterns.extend([as_pattern(folder) ~ '/' ~ spelling ~ '*', as_pattern(folder) ~ '/' ~ spelling ~ '*/**']) %}
    {% endfor %}

    {% set sources = {} %}
    {% for path in files_like(patterns) %}
        {% set place = file_place(path, folder, table_name) %}
        {% if place %}
            {% do sources.setdefault((place['name'], place['file']['kind']), []).append(place['file']) %}
        {% endif %}
    {% endfor %}

    {% if not sources %}
        {{ return({'name': folder ~ '/' ~ table_name ~ '.*', 'files': [], 'relation': none, 'stored_columns': {}}) }}
    {% endif %}
    {% set files = sources.values() | first %}
    {% set problem = source_problem(sources, folder, table_name) %}
    {% set name = folder ~ '/' ~ (sources | first)[0] ~ (', ' ~ files | length ~ ' files' if files | length > 1 else '') %}
    {% if problem %}
        {{ return({'name': folder, 'files': files, 'problem': problem, 'relation': none, 'stored_columns': {}}) }}
    {% endif %}
    {% set read = read_files(files, input_tables()[table_name]['columns'].keys() | list) %}
    {{ return(dict(read, name=files[0]['path'] if files | length == 1 else name, files=files)) }}
{% endmacro %}


{% macro file_place(path, folder, table_name) %}
    {% set names = (path.split(folder.lstrip('~') ~ '/', 1) | last).split('/') %}
    {% set file = described_file(path) %}
    {% if names | length > 1 %}
        {# `follows/`, or `follows.parquet/` as Spark writes it; what begins with a dot or an underscore is not data. #}
        {% set is_folder_of_table = modules.re.fullmatch(table_name ~ '([.](parquet|csv|tsv|json|jsonl|ndjson))?', names[0] | lower) %}
        {% if is_folder_of_table and not modules.re.search('/[._]', '/' ~ names[1:] | join('/')) %}
            {{ return({'name': names[0] ~ '/', 'file': dict(file, folder=names[1:] | join('/'))}) }}
        {% endif %}
    {% elif file['kind'] != 'other' %}
        {% set rest = file['stem'][table_name | length:] %}
        {% if not rest %}
            {{ return({'name': names[0], 'file': file}) }}
        {% elif modules.re.match('[0-9]|[^a-z].*[0-9]', rest) %}
            {{ return({'name': table_name ~ '*', 'file': file}) }}
        {% endif %}
    {% endif %}
    {{ return(none) }}
{% endmacro %}


{# Sources are lists of files by name and kind. #}
{% macro source_problem(sources, folder, table_name) %}
    {% set first_names, stems = [], {} %}
    {% for files in sources.values() %}
        {% for file in files %}
            {% set name = file['path'].split(folder.lstrip('~') ~ '/', 1) | last %}
            {% do first_names.append(name) if loop.first %}
            {% do stems.setdefault((name | lower).rpartition('/')[0] ~ '/' ~ file['stem'], []).append(name) %}
        {% endfor %}
    {% endfor %}
    {% if sources | length > 1 %}
        {{ return(
            first_names[:5] | join(' and ') ~ ' both exist; keep one file ' ~ table_name ~ '.*, numbered files of one kind, or one folder '
            ~ table_name ~ '/ of one kind'
        ) }}
    {% elif (sources | first)[1] == 'other' %}
        {{ return(first_names[0] ~ ' is of no kind that is read; ' ~ kinds_that_are_read()) }}
    {% endif %}
    {% for names in stems.values() if names | length > 1 %}
        {{ return(names | join(' and ') ~ ' both exist; keep one') }}
    {% endfor %}
    {{ return(none) }}
{% endmacro %}


{% macro kinds_that_are_read() %}
    {{ return('Parquet (.parquet), CSV (.csv, .tsv, .txt) and JSON (.json, .jsonl, .ndjson) are, the last two also as .gz or .zst') }}
{% endmacro %}


{# For the message that a table is missing. #}
{% macro what_there_is(table_name) %}
    {% if not var('input_dir') %}
        {{ return('') }}
    {% endif %}
    {% set folder = var('input_dir').rstrip('/') %}
    {% set names = [] %}
    {% for path in files_like([as_pattern(folder) ~ '/**']) %}
        {% do names.append(path.split(folder.lstrip('~') ~ '/', 1) | last) %}
    {% endfor %}
    {{ return(
        '; the folder holds ' ~ names[:10] | join(', ') ~ (' and ' ~ (names | length - 10) ~ ' more' if names | length > 10 else '')
        ~ '; expected is ' ~ table_name ~ '.csv, for one, files like ' ~ table_name ~ '-1.csv, or a folder ' ~ table_name ~ '/; ' ~ kinds_that_are_read()
    ) }}
{% endmacro %}
