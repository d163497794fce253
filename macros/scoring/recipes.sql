{# `auto` is what the recipe says, but follow where no fav reaches a producer. #}
{% macro recipe_consumer_score(score_override, settings) -%}
    {%- if score_override == 'auto' -%}
        case when {{ resolved_number('auto', 'consumer_score', settings) }} = 1 then 'follow' else consumer_score end
    {%- else -%}
        {{ quoted_text(score_override) if score_override else 'consumer_score' }}
    {%- endif -%}
{%- endmacro %}


{# What the windows and half-lives of recipes are multiplied by. Each run finds it with the end of its window. #}
{% macro recipe_time_factor() -%}
    {%- if var('recipe_time_factor') == 'auto' -%}
        (select clock.recipe_time_factor from {{ ref('stg_as_of') }} as clock)
    {%- else -%}
        {{ var('recipe_time_factor') }}
    {%- endif -%}
{%- endmacro %}


{# A table `times` of one row: times of the streaming job, stretched as those of recipes are, where a batch does its work. #}
{% macro stretched_times(millis) -%}
times as (
    select
        {% for name, value in millis.items() -%}
        cast({{ value }} as float64) * {{ recipe_time_factor() }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
)
{%- endmacro %}


{# Recipes share few ways to weigh the list of a producer. A way has a number, and columns that end in it. #}
{% macro list_way_number() -%}
    dense_rank() over (order by known_power, activity_power, deducted_followers)
{%- endmacro %}


{% macro for_list_ways(column, separator=none) -%}
    {%- for number in range(1, 9) -%}
        {{ column | replace('#', number) }}{{ (separator or ', ') if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
