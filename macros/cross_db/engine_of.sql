{#
    It exists because `auto` is another engine on another adapter. Only DuckDB runs Python models in dbt's own process. There a kernel is as
    quick as SQL on the sample, and several times quicker on large data. A project around this one may lack the Python package, so there
    a kernel must be asked for. Unit tests of SQL alone follow a rule like this in dbt_project.yml, which can call no macro.
#}
{% macro engine_of(step) %}
    {%- set steps, engines = ['similarity', 'communities', 'products'], ['auto', 'sql', 'kernel'] -%}
    {%- for named_step in var('engines') if named_step not in steps -%}
        {{ exceptions.raise_compiler_error(
            "var engines: '" ~ named_step ~ "' is no step with two engines; these are: " ~ steps | join(', ')
        ) }}
    {%- endfor -%}

    {%- set engine = var('engines').get(step, var('engine')) -%}
    {%- if engine not in engines -%}
        {{ exceptions.raise_compiler_error(
            'var engine' ~ ('s.' ~ step if step in var('engines') else '') ~ " is '" ~ engine ~ "' and must be one of: "
            ~ engines | join(', ')
        ) }}
    {%- endif -%}
    {%- if engine == 'auto' -%}
        {%- set engine = adapter.dispatch('automatic_engine', 'simclusters')() -%}
    {%- endif -%}
    {{- return(engine) -}}
{% endmacro %}

{% macro default__automatic_engine() %}
    {{- return('sql') -}}
{% endmacro %}

{% macro duckdb__automatic_engine() %}
    {{- return('kernel' if project_name == 'simclusters' else 'sql') -}}
{% endmacro %}
