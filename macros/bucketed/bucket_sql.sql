{#
    The model's text for one range of its key (see bucket_ranges): every mark of bucket_filter becomes the range, and the estimate
    goes. A NULL key belongs to the first range.
#}
{% macro bucket_sql(model_sql, key_range) %}
    {%- if key_range.after is none and key_range.to is none -%}
        {%- set predicate = 'true' -%}
    {%- elif key_range.after is none -%}
        {%- set predicate = '(\\1 <= ' ~ key_range.to ~ ' or \\1 is null)' -%}
    {%- elif key_range.to is none -%}
        {%- set predicate = '\\1 > ' ~ key_range.after -%}
    {%- else -%}
        {%- set predicate = '\\1 > ' ~ key_range.after ~ ' and \\1 <= ' ~ key_range.to -%}
    {%- endif -%}

    {%- set select_sql = modules.re.sub(
        '/[*] bucket sizes:.*?end of bucket sizes [*]/', '', model_sql, flags=modules.re.DOTALL
    ) -%}
    {{ return(modules.re.sub('/[*] bucket of (.*?) [*]/ true', predicate, select_sql)) }}
{% endmacro %}
