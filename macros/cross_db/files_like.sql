{# Only DuckDB reads files where they lie. It sees no link that leads nowhere, and no empty folder. #}
{% macro files_like(patterns) %}
    {{ return(adapter.dispatch('files_like', 'simclusters')(patterns)) }}
{% endmacro %}

{% macro default__files_like(patterns) %}
    {{ exceptions.raise_compiler_error('input_dir: ' ~ adapter.type() ~ ' does not read files; load them and set input_schema') }}
{% endmacro %}

{% macro duckdb__files_like(patterns) %}
    {{ return(run_query('select distinct file from glob([' ~ quoted_texts(patterns) ~ ']) order by file').columns[0].values() | list) }}
{% endmacro %}


{# Without their names, because one that is not UTF-8 breaks a listing. #}
{% macro has_files(folder) %}
    {{ return(run_query('select size from read_blob(' ~ quoted_text(as_pattern(folder) ~ '/**') ~ ') limit 1').rows | length > 0) }}
{% endmacro %}


{# A path as a pattern that it alone matches. #}
{% macro as_pattern(path) %}
    {{ return(modules.re.sub('([*?[])', '[\\1]', path)) }}
{% endmacro %}
