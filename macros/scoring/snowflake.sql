{# Creation time (UTC) inside a snowflake id. Ids below 2^22 carry none: null. #}
{% macro snowflake_created_at(tweet_id) -%}
    case when {{ tweet_id }} >= 4194304 then {{ timestamp_from_millis(snowflake_millis(tweet_id)) }} end
{%- endmacro %}


{# Creation time inside a snowflake id, in milliseconds since 1970. #}
{% macro snowflake_millis(tweet_id) -%}
    (({{ tweet_id }} >> 22) + 1288834974657)
{%- endmacro %}
