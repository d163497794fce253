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
