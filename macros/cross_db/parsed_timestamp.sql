{#
    A zone is converted, and no zone means UTC. DuckDB's timestamp has no zone, and its cast silently ignores what follows the time (+02,
    PM). So text with more goes through `timestamptz`. Text without a zone must not, because that would apply the zone of the session.
#}
{% macro parsed_timestamp(column, stored_type) %}
    {{- return(adapter.dispatch('parsed_timestamp', 'simclusters')(column, stored_type)) -}}
{% endmacro %}

{% macro default__parsed_timestamp(column, stored_type) %}
    {{ exceptions.raise_compiler_error('parsed_timestamp has no variant for ' ~ adapter.type()) }}
{% endmacro %}

{% macro duckdb__parsed_timestamp(column, stored_type) -%}
    {%- if stored_type in ['timestamp with time zone', 'timestamptz'] -%}
        cast({{ column }} at time zone 'UTC' as timestamp)
    {%- elif stored_type == 'date' or stored_type.startswith('timestamp') -%}
        cast({{ column }} as timestamp)
    {%- elif stored_type in ['varchar', 'string'] -%}
        case
            when not regexp_matches({{ column }}, '^ *[0-9]') then null
            when regexp_matches({{ column }}, ':[0-9.]+ *[A-Za-z+-]')
                then cast(try_cast(trim({{ column }}) as timestamp with time zone) at time zone 'UTC' as timestamp)
            else try_cast(trim({{ column }}) as timestamp)
        end
    {%- else -%}
        cast(null as timestamp)
    {%- endif -%}
{%- endmacro %}

{% macro bigquery__parsed_timestamp(column, stored_type) -%}
    {%- if stored_type in ['timestamp', 'datetime', 'date'] -%}
        cast({{ column }} as timestamp)
    {%- elif stored_type == 'string' -%}
        safe_cast(trim({{ column }}) as timestamp)
    {%- else -%}
        cast(null as timestamp)
    {%- endif -%}
{%- endmacro %}
