{# `sql` or `kernel`, from the var of the same name; anything else is an error that says so. #}
{% macro similarity_engine(engine) %}
    {%- if engine not in ['sql', 'kernel'] -%}
        {{ exceptions.raise_compiler_error("var similarity_engine is 'sql' or 'kernel', not '" ~ engine ~ "'") }}
    {%- endif -%}
    {{- return(engine) -}}
{% endmacro %}
