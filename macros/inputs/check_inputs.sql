{# Stops a run before it replaces anything, when an input of the user cannot be used. #}
{% macro check_inputs() %}
{% endmacro %}
