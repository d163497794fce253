{# Creation time inside a snowflake id, in milliseconds since 1970. #}
{% macro snowflake_millis(tweet_id) -%}
    (({{ tweet_id }} >> 22) + 1288834974657)
{%- endmacro %}
