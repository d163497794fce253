{#
    SQL for a number that this run resolves itself if `auto` is asked; any other value is taken as it is. `settings` is a table that is made
    before, with setting_name and used_number.
#}
{% macro resolved_number(asked, setting, settings) -%}
    {%- if asked == 'auto' -%}
        (select resolved.used_number from {{ settings }} as resolved where resolved.setting_name = '{{ setting }}')
    {%- else -%}
        {{ asked }}
    {%- endif -%}
{%- endmacro %}


{# A float as text, the same on both adapters: a whole one has no point. #}
{% macro number_text(number) -%}
    case when {{ number }} = floor({{ number }}) then cast(cast({{ number }} as int64) as string) else cast({{ number }} as string) end
{%- endmacro %}
