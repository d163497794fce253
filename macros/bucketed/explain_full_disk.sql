{#
    DuckDB's own messages name a block or a file. Spilling is the usual reason: what does not fit the memory limit goes to files next to the
    database.
#}
{% macro explain_full_disk(results) %}
    {%- set signs = ['No space left on device', 'File too large', 'Disk quota exceeded', 'max_temp_directory_size', 'Disk full', 'disk full'] -%}
    {%- set failed, new = [], [] -%}
    {%- for result in results if result.node.package_name == 'simclusters' -%}
        {%- if result.node.resource_type == 'model' and result.node.config.materialized != 'view' and result.status | string == 'success' -%}
            {%- do new.append(result.node.name) -%}
        {%- endif -%}
        {%- set message = result.message | string -%}
        {%- for sign in signs if sign in message -%}
            {%- if result.node.name not in failed -%}
                {%- do failed.append(result.node.name) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if failed -%}
        {{ print(
            'The disk is full: ' ~ failed | join(', ') ~ ' could not be built, and every table of before is as it was'
            ~ (', but for the ' ~ new | length ~ ' that this run had built by then: ' ~ new | sort | join(', ') if new else '') ~ '. '
            ~ 'DuckDB spills what exceeds its memory to files next to the database. Free space there, put the database on a larger disk '
            ~ '(SIMCLUSTERS_DATABASE), or spill less: more memory (SIMCLUSTERS_MEMORY_LIMIT), fewer models at a time '
            ~ '(SIMCLUSTERS_MODELS_AT_ONCE), a smaller rows_per_bucket.'
        ) }}
    {%- endif -%}
{% endmacro %}


{# DuckDB names its own setting, which the environment sets. #}
{% macro explain_little_memory(results) %}
    {%- set failed = [] -%}
    {%- for result in results if result.node.package_name == 'simclusters' and 'Out of Memory Error' in result.message | string -%}
        {%- do failed.append(result.node.name) -%}
    {%- endfor -%}
    {%- if failed -%}
        {{ print(little_memory_text(failed | unique | join(', '))) }}
    {%- endif -%}
{% endmacro %}


{% macro little_memory_text(names) %}
    {%- set limit = env_var('SIMCLUSTERS_MEMORY_LIMIT', '4GB') -%}
    {%- set parts = modules.re.fullmatch('([0-9.]+) *([A-Za-z]+)', limit.strip()) -%}
    {%- set twice = ' to ' ~ ((parts.group(1) | float * 2) | round(1) | string).removesuffix('.0') ~ parts.group(2) if parts else '' -%}
    {{ return(
        'Memory is not enough for ' ~ names ~ '. DuckDB may use SIMCLUSTERS_MEMORY_LIMIT, now ' ~ limit
        ~ ': raise it' ~ twice ~ '. Else let it do less at a time: SIMCLUSTERS_MODELS_AT_ONCE=1, SIMCLUSTERS_THREADS=1, a smaller '
        ~ 'rows_per_bucket. Every table of before is as it was, but for those that this run had built by then.'
    ) }}
{% endmacro %}
