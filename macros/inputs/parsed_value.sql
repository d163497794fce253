{# A stored column as the type that the pipeline expects; null when a value cannot be read as that. The check stops on such values, so loading never sees them. #}
{% macro parsed_value(column, column_type, stored_type) -%}
    {%- if is_stored_as(column_type, stored_type) -%}
        cast({{ column }} as {{ column_type }})
    {%- elif column_type == 'int64' -%}
        {{ parsed_integer(column, stored_type) }}
    {%- elif column_type == 'timestamp' -%}
        {{ parsed_timestamp(column, stored_type) }}
    {%- elif column_type == 'bool' -%}
        case
            when lower(trim(cast({{ column }} as string))) in ('true', 't', 'yes', 'y', '1') then true
            when lower(trim(cast({{ column }} as string))) in ('false', 'f', 'no', 'n', '0') then false
        end
    {%- else -%}
        cast({{ column }} as {{ column_type }})
    {%- endif -%}
{%- endmacro %}
