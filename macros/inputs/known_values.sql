{#
    The engagement types. They are here and not in a seed, because the check of the inputs runs before the first seed exists. A test keeps
    them equal to those of the seed engagement_types.
#}
{% macro engagement_type_names() %}
    {{ return([
        'fav', 'unfav', 'retweet', 'unretweet', 'reply', 'unreply', 'video_playback_50', 'video_playback_95', 'notification_open', 'click',
        'impression', 'ad_fav', 'ad_click',
    ]) }}
{% endmacro %}


{# What other services call them. The var comes last, so it may give any name another meaning. #}
{% macro engagement_type_synonyms() %}
    {% set synonyms = {} %}
    {% for engagement_type, names in {
        'fav': ['favorite', 'favourite', 'heart', 'like', 'star', 'upvote'],
        'unfav': ['unfavorite', 'unfavourite', 'unheart', 'unlike', 'unstar'],
        'retweet': ['boost', 'quote', 'reblog', 'reshare', 'repost', 'share'],
        'unretweet': ['unboost', 'unquote', 'unreblog', 'unreshare', 'unrepost', 'unshare'],
        'reply': ['answer', 'comment'],
        'click': ['open'],
        'impression': ['view'],
    }.items() %}
        {% for name in names %}
            {% do synonyms.update({name: engagement_type}) %}
        {% endfor %}
    {% endfor %}
    {# While dbt parses it may be anything; check_vars then says what is wrong. #}
    {% for name, engagement_type in (var('engagement_types') if var('engagement_types') is mapping else {}).items() %}
        {% do synonyms.update({name | trim | lower: engagement_type}) %}
    {% endfor %}
    {{ return(synonyms) }}
{% endmacro %}


{# Case and surrounding blanks do not matter. An unknown value stays as it is written, for the report. #}
{% macro known_value(column, values, synonyms) -%}
    {%- set written = 'lower(trim(' ~ column ~ '))' -%}
    case
        when {{ column }} in ({{ quoted_texts(values | reject('in', synonyms)) }}) then {{ column }}
        {%- for value, names in synonyms.items() | groupby(1) %}
        when {{ written }} in ({{ quoted_texts(names | map(attribute=0)) }}) then {{ quoted_text(value) }}
        {%- endfor %}
        when {{ written }} in ({{ quoted_texts(values) }}) then {{ written }}
        else {{ column }}
    end
{%- endmacro %}
