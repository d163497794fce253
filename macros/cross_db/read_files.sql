{#
    Only DuckDB reads files where they lie. All files are of one kind. Values of CSV and JSON files stay text, because guessed types turn
    large ids into floats. Columns are found by name in each file, never by place.
#}
{% macro read_files(files, column_names) %}
    {{ return(adapter.dispatch('read_files', 'simclusters')(files, column_names)) }}
{% endmacro %}

{% macro default__read_files(files, column_names) %}
    {{ exceptions.raise_compiler_error('input_dir: ' ~ adapter.type() ~ ' does not read files; load them and set input_schema') }}
{% endmacro %}

{% macro duckdb__read_files(files, column_names) %}
    {% set readers = {'parquet': read_parquet_files, 'csv': read_csv_files, 'json': read_json_files} %}
    {{ return(readers[files[0]['kind']](files, column_names)) }}
{% endmacro %}


{# One file that a var names. #}
{% macro read_file(path, column_names) %}
    {% if not execute %}
        {{ return(path) }}
    {% endif %}
    {% set origin = read_files([described_file(path)], column_names) %}
    {% if origin.get('problem') %}
        {{ exceptions.raise_compiler_error(origin['problem']) }}
    {% endif %}
    {{ return(origin['relation']) }}
{% endmacro %}


{# A file by its name: `other` is a kind that is not read. #}
{% macro described_file(path) %}
    {% set kinds = {'parquet': 'parquet', 'csv': 'csv', 'tsv': 'csv', 'txt': 'csv', 'json': 'json', 'jsonl': 'json', 'ndjson': 'json'} %}
    {% set name = path.replace('\\', '/').split('/')[-1] | lower %}
    {% set parts = modules.re.match('^(.*?)[.](parquet|(?:csv|tsv|txt|json|jsonl|ndjson)(?:[.](gz|zst))?)$', name) %}
    {% set kind = kinds[parts[2].split('.')[0]] if parts else 'other' %}
    {% set compression = {'gz': 'gzip', 'zst': 'zstd'}.get(parts[3], 'none') if parts else 'none' %}
    {{ return({'path': path, 'kind': kind, 'stem': parts[1] if parts else name, 'compression': compression}) }}
{% endmacro %}


{# What all readers take: the list of paths, and whether folders like `date=2026-01-01` are columns, as text. #}
{% macro paths_to_read(files) %}
    {% set paths = [] %}
    {% for file in files %}
        {% do paths.append(quoted_text(as_pattern(file['path']))) %}
    {% endfor %}
    {% set folders = 'true, hive_types_autocast = false' if partition_columns(files) else 'false' %}
    {{ return('[' ~ paths | join(', ') ~ '], hive_partitioning = ' ~ folders) }}
{% endmacro %}


{% macro partition_columns(files) %}
    {{ return(modules.re.findall('([^/=]+)=[^/]*/', files[0].get('folder', ''))) }}
{% endmacro %}


{# Tools that write many files leave some of no bytes, which are no Parquet files. #}
{% macro read_parquet_files(all_files, column_names) %}
    {% set paths = paths_to_read(all_files).split('], ')[0] ~ ']' %}
    {% set sizes = {} %}
    {% for path, size in run_query('select filename, size from read_blob(' ~ paths ~ ')') if size %}
        {% do sizes.update({path: size | int}) %}
    {% endfor %}
    {% set files = all_files | selectattr('path', 'in', sizes) | list %}
    {% set problem = parquet_problem(sizes) %}
    {% if problem or not files %}
        {{ return({'relation': none, 'stored_columns': {}, 'headers': {}, 'problem': problem}) }}
    {% endif %}

    {# Some programs write text without saying that it is text. #}
    {% set source = 'read_parquet(' ~ paths_to_read(files) ~ ', union_by_name = true, binary_as_string = true)' %}
    {% set stored_columns = {} %}
    {% for column in run_query('describe select * from ' ~ source) %}
        {% do stored_columns.update({column[0] | trim | lower: (column[0], column[1] | lower)}) %}
    {% endfor %}

    {% set headers = {} %}
    {% if files | length > 1 %}
        {% set names_by_file %}
            select
                file_name,
                name

            from parquet_schema({{ paths_to_read(files).split('], ')[0] }}])
        {% endset %}
        {% for file_name, name in run_query(names_by_file) %}
            {% do headers.setdefault(file_name, partition_columns(files)).append(name) %}
        {% endfor %}
    {% else %}
        {% do headers.update({files[0]['path']: stored_columns.values() | map(attribute=0) | list}) %}
    {% endif %}
    {{ return({'relation': '(select *, filename as simclusters_file from ' ~ source ~ ')', 'stored_columns': stored_columns, 'headers': headers}) }}
{% endmacro %}


{#
    DuckDB stops at such a file in words of its own, and nothing catches that. Only a whole file can be read to look at its ends. So files of this
    machine are looked at, the smallest first, as many as fit in memory.
#}
{% macro parquet_problem(sizes) %}
    {% set looked_at, paths = namespace(bytes=0), [] %}
    {% for path, size in sizes.items() | sort(attribute=1) if '://' not in path %}
        {% set looked_at.bytes = looked_at.bytes + size %}
        {% if looked_at.bytes <= 100000000 %}
            {% do paths.append(quoted_text(as_pattern(path))) %}
        {% endif %}
    {% endfor %}
    {% if not paths %}
        {{ return(none) }}
    {% endif %}
    {% set ends %}
        select
            filename,
            content[:4] in ('PAR1'::blob, 'PARE'::blob) as has_start,
            regexp_replace(decode(content[:20], 'replace'), '[^ -~]+', '.', 'g') as first_text

        from read_blob([{{ paths | join(', ') }}])

        where content[:4] not in ('PAR1'::blob, 'PARE'::blob)
            or content[-4:] not in ('PAR1'::blob, 'PARE'::blob)
            or size < 12

        order by filename
        limit 1
    {% endset %}
    {% for path, has_start, first_text in run_query(ends) %}
        {{ return(
            path ~ (
                ' is cut off: it begins as a Parquet file and does not end as one; copy it again' if has_start
                else " is no Parquet file: it begins with '" ~ first_text ~ "', a Parquet file with 'PAR1'; name it by its kind, as in follows.csv"
            )
        ) }}
    {% endfor %}
    {{ return(none) }}
{% endmacro %}


{#
    Files with the same header are read together. The list of columns makes DuckDB report the line of a broken row, rather than guess around
    it. `rejects` are tables in which `tolerant_relation` leaves such rows.
#}
{% macro read_csv_files(files, column_names) %}
    {% set groups = {} %}
    {% set headers = {} %}
    {% for file in files_with_headers(files) %}
        {% set header = csv_header(file['header'], column_names) %}
        {% do headers.update({file['path']: partition_columns(files) + header['names']}) %}
        {% set key = (header['separator'], header['names'] | join('\n'), file['compression'], file['skip']) %}
        {% do groups.setdefault(key, {'names': header['names'], 'files': []})['files'].append(file) %}
    {% endfor %}

    {% set strict, tolerant, rejects = [], [], [] %}
    {% for (separator, text_of_names, compression, skip), group in groups.items() %}
        {# By number, because a header may hold any text, and the same name twice. #}
        {% set columns, selected, found = [], [], {} %}
        {% for name in group['names'] %}
            {% do columns.append("'column " ~ loop.index ~ "': 'varchar'") %}
            {% do found.update({name | trim | lower: '"column ' ~ loop.index ~ '"'}) %}
        {% endfor %}
        {% for name in partition_columns(files) %}
            {% do found.update({name | trim | lower: adapter.quote(name)}) %}
        {% endfor %}
        {% for name in column_names %}
            {% do selected.append(found.get(name, 'cast(null as varchar)') ~ ' as ' ~ name) %}
        {% endfor %}
        {% set source %}
            select
                {{ selected | join(', ') }},
                filename as simclusters_file

            from read_csv(
                {{ paths_to_read(group['files']) }}, auto_detect = false, header = true, skip = {{ skip }}, delim = '{{ separator }}',
                quote = '"', escape = '"', compression = '{{ compression }}', columns = { {{- columns | join(', ') -}} }
        {% endset %}
        {% set key = local_md5(group['files'][0]['path']) %}
        {% set names = {'errors': 'simclusters_rejected_rows_' ~ key, 'scans': 'simclusters_rejected_scans_' ~ key} %}
        {% do rejects.append(names) %}
        {% do strict.append(source ~ ')') %}
        {% do tolerant.append(
            source ~ ", store_rejects = true, rejects_limit = 5, rejects_table = '" ~ names['errors'] ~ "', rejects_scan = '" ~ names['scans'] ~ "')"
        ) %}
    {% endfor %}
    {{ return({
        'relation': '(' ~ strict | join(' union all ') ~ ')' if strict else none,
        'tolerant_relation': '(' ~ tolerant | join(' union all ') ~ ')',
        'rejects': rejects,
        'stored_columns': stored_as_text(headers, column_names),
        'headers': headers,
    }) }}
{% endmacro %}


{# The broken rows that the last scan of `tolerant_relation` met, as pairs of path and what is wrong there. #}
{% macro rejected_lines(origin) %}
    {% set problems = [] %}
    {% for names in origin.get('rejects', []) %}
        {% set first_errors %}
            select distinct
                scans.file_path,
                errors.line,
                errors.error_message,
                substr(errors.csv_line, 1, 100)

            from {{ names['errors'] }} as errors

            inner join {{ names['scans'] }} as scans
                on errors.scan_id = scans.scan_id
                    and errors.file_id = scans.file_id

            order by scans.file_path, errors.line
        {% endset %}
        {% for path, line, message, text in run_query(first_errors) %}
            {% do problems.append((path, 'line ' ~ line ~ ': ' ~ message.split('\n')[0] ~ (' (' ~ text | trim ~ ')' if text and not values_are_hidden() else ''))) %}
        {% endfor %}
        {% do run_query('drop table ' ~ names['errors']) %}
        {% do run_query('drop table ' ~ names['scans']) %}
    {% endfor %}
    {{ return(problems[:5]) }}
{% endmacro %}


{# Those of `column_names` that any of the headers has, as text. #}
{% macro stored_as_text(headers, column_names) %}
    {% set stored_columns = {} %}
    {% for names in headers.values() %}
        {% for name in names if name | trim | lower in column_names %}
            {% do stored_columns.update({name | trim | lower: (name | trim | lower, 'varchar')}) %}
        {% endfor %}
    {% endfor %}
    {{ return(stored_columns) }}
{% endmacro %}


{# The first line that is not blank, and how many blank ones stand before it. Files without one are left out. #}
{% macro files_with_headers(files) %}
    {% set lines = [] %}
    {% for file in files %}
        {% set first_lines %}
            select
                {{ loop.index0 }} as file_number,
                string_agg(coalesce(line, ''), chr(10)) as first_lines

            from (
                select line
                from read_csv(
                    {{ paths_to_read([file]) }}, auto_detect = false, header = false, delim = chr(1), quote = '', escape = '',
                    compression = '{{ file['compression'] }}', columns = {'line': 'varchar'}, ignore_errors = true, strict_mode = false,
                    parallel = false
                )
                limit 20
            )
        {% endset %}
        {% do lines.append(first_lines) %}
    {% endfor %}

    {% set found = [] %}
    {% for file_number, first_lines in run_query(lines | join(' union all ') ~ ' order by file_number') if first_lines %}
        {% set skip = modules.re.match('([ \t\r]*\n)*', first_lines)[0].count('\n') %}
        {% set header = first_lines.split('\n')[skip] %}
        {% if header | trim %}
            {% do found.append(dict(files[file_number | int], header=header, skip=skip)) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{# The separator is the one by which most of the expected names are found, then the one that gives most names. #}
{% macro csv_header(line, column_names) %}
    {% set best = {'score': (-1, 0)} %}
    {% for separator in [',', ';', '\t', '|'] %}
        {% set names, known = [], [] %}
        {% set escaped = modules.re.escape(separator) %}
        {% for field in modules.re.findall('(?:^|' ~ escaped ~ ')(\\s*"(?:[^"]|"")*"\\s*|[^' ~ escaped ~ ']*)', line) %}
            {% set name = field | trim %}
            {% do names.append(name[1:-1].replace('""', '"') if name.startswith('"') and name.endswith('"') and name | length > 1 else name) %}
            {% do known.append(1) if names[-1] | trim | lower in column_names %}
        {% endfor %}
        {% if (known | length, names | length) > best['score'] %}
            {% do best.update({'score': (known | length, names | length), 'separator': separator, 'names': names}) %}
        {% endif %}
    {% endfor %}
    {{ return(best) }}
{% endmacro %}


{#
    A number of JSON with a point or an exponent may have lost digits from 2^53 on. It is written with an exponent then, so that it is no id. The
    same name may be written in more than one way.
#}
{% macro read_json_files(files, column_names) %}
    {% set source = 'read_json_objects(' ~ paths_to_read(files) ~ ", compression = '" ~ files[0]['compression'] ~ "')" %}
    {% set headers = {} %}
    {% for file in files %}
        {% do headers.update({file['path']: partition_columns(files)}) %}
    {% endfor %}
    {% for file_name, name in run_query('select distinct filename, unnest(json_keys(json)) as name from ' ~ source) %}
        {% do headers.setdefault(file_name, []).append(name) %}
    {% endfor %}

    {% set selected = [] %}
    {% for column_name in column_names %}
        {% set written = [] %}
        {% for name in headers.values() | sum(start=[]) | unique(case_sensitive=true) if name | trim | lower == column_name %}
            {% if name in partition_columns(files) %}
                {% do written.insert(0, adapter.quote(name)) %}
            {% endif %}
            {% set path = quoted_text('$."' ~ name ~ '"') %}
            {% do written.append(
                "case when json_type(json, " ~ path ~ ") = 'DOUBLE' and abs(cast(json ->> " ~ path ~ " as double)) >= 9007199254740992"
                ~ " then printf('%e', cast(json ->> " ~ path ~ " as double)) else json ->> " ~ path ~ " end"
            ) %}
        {% endfor %}
        {% do selected.append('coalesce(' ~ (written + ['cast(null as varchar)']) | join(', ') ~ ') as ' ~ column_name) %}
    {% endfor %}
    {{ return({
        'relation': '(select ' ~ selected | join(', ') ~ ', filename as simclusters_file from ' ~ source ~ ')',
        'stored_columns': stored_as_text(headers, column_names),
        'headers': headers,
    }) }}
{% endmacro %}
