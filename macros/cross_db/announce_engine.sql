{# Only DuckDB has kernels that need nothing else, so only there it is worth a word. #}
{% macro announce_engine() %}
    {%- if execute and project_name != 'simclusters' and adapter.type() == 'duckdb' and 'model.simclusters.int_communities' in selected_resources
        and var('engines').get('communities', var('engine')) == 'auto' -%}
        {{ log(
            'simclusters: SQL does everything, which needs no Python. The compiled kernels are faster on large data: '
            ~ 'pip install dbt_packages/simclusters, then the var engine: kernel.', info=true
        ) }}
    {%- endif -%}
{% endmacro %}
