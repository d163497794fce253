{#
    The adapters' own casts round 2.5 and read floats that have lost digits. So text must look like an integer, and a float must lie where
    every integer is exact (2^53; 2^24 in 32 bits).
#}
{% macro parsed_integer(column, stored_type) %}
    {%- if stored_type in ['float', 'double', 'float64'] -%}
        {%- set exact_to = 16777216 if stored_type == 'float' else 9007199254740992 -%}
        case when abs({{ column }}) <= {{ exact_to }} and {{ column }} = trunc({{ column }}) then cast({{ column }} as int64) end
    {%- else -%}
        {{- return(adapter.dispatch('parsed_integer', 'simclusters')(column)) -}}
    {%- endif -%}
{% endmacro %}

{% macro default__parsed_integer(column) %}
    {{ exceptions.raise_compiler_error('parsed_integer has no variant for ' ~ adapter.type()) }}
{% endmacro %}

{% macro duckdb__parsed_integer(column) -%}
    case
        when regexp_full_match(trim(cast({{ column }} as string)), '[+-]?[0-9]+([.]0*)?')
            then try_cast(regexp_extract(trim(cast({{ column }} as string)), '^[+-]?[0-9]+') as int64)
    end
{%- endmacro %}

{% macro bigquery__parsed_integer(column) -%}
    case
        when regexp_contains(trim(cast({{ column }} as string)), r'^[+-]?[0-9]+([.]0*)?$')
            then safe_cast(regexp_extract(trim(cast({{ column }} as string)), r'^[+-]?[0-9]+') as int64)
    end
{%- endmacro %}
