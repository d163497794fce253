{#
    The parameters of a community_sweeps model, read from its `meta`, with a plain error for the first bad one.
    Documented in macros/materializations/community_sweeps.sql.
#}
{% macro community_sweep_settings() %}
    {%- set settings = {
        'seed': config.meta_require('seed') | int,
        'epochs': config.meta_require('epochs') | int,
        'greedy_epochs': config.meta_require('greedy_epochs') | int,
        'blocks': config.meta_require('blocks') | int,
        'start_temperature': config.meta_require('start_temperature') | float,
        'cooling_ratio': config.meta_require('cooling_ratio') | float,
        'true_positive_weight': config.meta_require('true_positive_weight') | float,
        'communities_k': config.meta_require('communities_k') | int,
        'community_moves': config.meta_require('community_moves') | string | lower == 'true'
    } -%}

    {%- set laws = [
        ('epochs', settings.epochs >= 0, 'at least 0'),
        ('greedy_epochs', settings.greedy_epochs >= 0, 'at least 0'),
        ('blocks', settings.blocks >= 1, 'at least 1'),
        ('start_temperature', settings.start_temperature >= 0, 'at least 0'),
        ('cooling_ratio', settings.cooling_ratio > 0 and settings.cooling_ratio <= 1, 'above 0 and at most 1'),
        ('communities_k', settings.communities_k >= 1, 'at least 1'),
        (
            'true_positive_weight',
            settings.true_positive_weight > 0 or (settings.true_positive_weight == 0 and settings.community_moves),
            'above 0, or 0 with community moves'
        )
    ] -%}
    {%- for name, holds, law in laws if not holds -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ': meta.' ~ name ~ ' is ' ~ settings[name] ~ ' and must be ' ~ law
        ) }}
    {%- endfor -%}

    {#- A bare date or time is taken as such; anything else is SQL. Rendered late, so that the SQL may hold ref(). -#}
    {%- set as_of = render(config.meta_require('as_of') | string) | trim -%}
    {%- if modules.re.match('[0-9]{4}-[0-9]{2}-[0-9]{2}', as_of) -%}
        {%- set as_of = "'" ~ as_of ~ "'" -%}
    {%- endif -%}
    {%- do settings.update({'as_of': as_of}) -%}

    {{ return(settings) }}
{% endmacro %}
