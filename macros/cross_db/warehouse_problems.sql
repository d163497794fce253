{#
    DuckDB takes the schema out of `name.table` for the database when both have that name, and can make no view there. BigQuery reads times
    without a zone in that of the project, where an administrator has set one.
#}
{% macro warehouse_problems() %}
    {{ return(adapter.dispatch('warehouse_problems', 'simclusters')()) }}
{% endmacro %}

{% macro default__warehouse_problems() %}
    {{ return([]) }}
{% endmacro %}

{% macro duckdb__warehouse_problems() %}
    {% set problems = [] %}
    {% for node in graph.nodes.values() if node.package_name == 'simclusters' and node.resource_type == 'model' %}
        {% if node.database | lower == node.schema | lower and not problems %}
            {% do problems.append(
                "the database and its schema are both called '" ~ node.schema ~ "', and DuckDB makes no views then: give the file or the "
                ~ 'schema another name'
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{% macro bigquery__warehouse_problems() %}
    {% set zone_seconds = run_query("select unix_seconds(cast('1970-01-01 00:00:00' as timestamp)) as zone_seconds").rows[0][0] %}
    {{ return(
        [] if zone_seconds == 0
        else ['BigQuery reads times without a zone as of another zone than UTC: set the option default_time_zone of the project to UTC']
    ) }}
{% endmacro %}
