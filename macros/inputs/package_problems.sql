{#
    dbt takes a model of the root project where a package means its own of the same name, unless a flag says otherwise. Nothing would fail;
    the rows would be others.
#}
{% macro package_problems() %}
    {% set problems = [] %}
    {% if project_name == 'simclusters' %}
        {{ return(problems) }}
    {% endif %}

    {% if target.profile_name == 'simclusters' %}
        {% do problems.append("the profile is called simclusters, which turns on the sample's schema and unit tests: give it another name") %}
    {% endif %}

    {# Of a node that they have disabled here, for a seed of their own in its place, the name is meant. #}
    {% set own_names = graph.nodes.values() | selectattr('package_name', 'equalto', 'simclusters') | map(attribute='name') | list %}
    {% set confused = [] %}
    {% for node in graph.nodes.values() if node.package_name == 'simclusters' and node.refs %}
        {% set own_refs = node.refs | rejectattr('package') | map(attribute='name') | select('in', own_names) | list %}
        {% for unique_id in node.depends_on.nodes if unique_id.split('.')[1] != 'simclusters' and unique_id.split('.')[2] in own_refs %}
            {% set model_name = unique_id.split('.')[1:3] | join('.') %}
            {% if model_name not in confused %}
                {% do confused.append(model_name) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% if confused %}
        {% do problems.append(
            confused | sort | join(', ') ~ ': simclusters has a model of this name, and dbt takes yours for it. Set in dbt_project.yml: '
            ~ 'flags: {require_ref_searches_node_package_before_root: true}'
        ) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
