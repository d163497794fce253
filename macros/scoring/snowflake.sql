{% macro snowflake_created_at(tweet_id) -%}
    case when {{ tweet_id }} >= 4194304 then {{ timestamp_from_millis(snowflake_millis(tweet_id)) }} end
{%- endmacro %}


{% macro snowflake_millis(tweet_id) -%}
    (({{ tweet_id }} >> 22) + 1288834974657)
{%- endmacro %}
