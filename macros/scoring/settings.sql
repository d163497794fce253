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


{#
    The trials of an earlier run, or none on a full refresh and where this version of the table is not there yet. Not by ref, because the
    tables that they spare come before them.
#}
{% macro earlier_trials(name='co_follow_trials', newest_column='regression_penalty') %}
    {%- if not execute or model.resource_type == 'unit_test' or should_full_refresh() -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set stored = stored_model(name) -%}
    {%- for column in (adapter.get_columns_in_relation(stored) if stored else []) if column.name | lower == newest_column -%}
        {{ return(stored) }}
    {%- endfor -%}
    {{ return(none) }}
{% endmacro %}


{# What was chosen stays while the follows are within a fifth of those that it was chosen on, as communities_k does within a fifth. #}
{% macro trial_reason_steps(earlier) -%}
{%- set follows, recipes = ref('int_similarity_follows'), ref('int_co_follow_recipes') -%}
{%- set recipe_columns = 'known_power, activity_power, popularity_power, added_means, deducted_followers, crowding_power, regression_penalty, preference' -%}
compared_follows as (select count(*) as follow_count from {{ follows }}),

{% if earlier -%}
earlier_trials as (select {{ recipe_columns }}, follow_count from {{ earlier }} as earlier),
earlier_follows as (select max(follow_count) as follow_count from earlier_trials),
changed_recipes as (
    select {{ recipe_columns }}

    from (
        select {{ recipe_columns }} from {{ recipes }}
        union all
        select {{ recipe_columns }} from earlier_trials
    ) as all_recipes

    group by {{ recipe_columns }}

    having count(*) = 1
),

trial_reasons as (
    select
        compared_follows.follow_count,
        case
            when (select count(*) from changed_recipes) > 0 then 'the recipes changed'
            when abs(compared_follows.follow_count - earlier_follows.follow_count) > 0.2 * earlier_follows.follow_count
                then concat(
                    'compared follows went from ', cast(earlier_follows.follow_count as string),
                    ' to ', cast(compared_follows.follow_count as string)
                )
        end as trial_reason

    from compared_follows

    cross join earlier_follows
)
{%- else -%}
trial_reasons as (select follow_count, 'the first trial' as trial_reason from compared_follows)
{%- endif %}
{%- endmacro %}
