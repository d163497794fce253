{#
    DuckDB's own messages name a block or a file. Spilling is the usual reason: what does not fit the memory limit goes to files next to the
    database.
#}
{% macro explain_full_disk(results) %}
    {%- set signs = ['No space left on device', 'max_temp_directory_size', 'Disk full', 'disk full'] -%}
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
