{# Hooks of a package run in every run of the project around it. This lets them stand back when none of our resources is in the run. #}
{% macro is_selected(resource_type='') %}
    {% for unique_id in selected_resources %}
        {% set parts = unique_id.split('.') %}
        {% if parts[1] == 'simclusters' and resource_type in ['', parts[0]] %}
            {{ return(true) }}
        {% endif %}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}
