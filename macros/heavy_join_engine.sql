{# The value of an engine's var, `sql` or `kernel`; anything else is an error that names the var. #}
{% macro heavy_join_engine(var_name) %}
    {%- set engine = var(var_name) -%}
    {%- if engine not in ['sql', 'kernel'] -%}
        {{ exceptions.raise_compiler_error('var ' ~ var_name ~ " is 'sql' or 'kernel', not '" ~ engine ~ "'") }}
    {%- endif -%}
    {{- return(engine) -}}
{% endmacro %}
