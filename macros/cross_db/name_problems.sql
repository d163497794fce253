{#
    It exists because DuckDB takes the schema out of `name.table` for the database when both have that name, and can make no view there.
#}
{% macro name_problems() %}
    {{ return(adapter.dispatch('name_problems', 'simclusters')()) }}
{% endmacro %}

{% macro default__name_problems() %}
    {{ return([]) }}
{% endmacro %}

{% macro duckdb__name_problems() %}
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
