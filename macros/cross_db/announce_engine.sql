{# Only DuckDB has a kernel that needs nothing else, so only there it is worth a word. #}
{% macro announce_engine() %}
    {%- if execute and project_name != 'simclusters' and adapter.type() == 'duckdb' and 'model.simclusters.int_communities_sql' in selected_resources
        and var('engines').get('communities', var('engine')) == 'auto' -%}
        {{ log(
            'simclusters: SQL finds the communities, which needs no Python. The compiled kernel is faster on many producers: '
            ~ 'pip install dbt_packages/simclusters, then the var engines: {communities: kernel}.', info=true
        ) }}
    {%- endif -%}
{% endmacro %}
