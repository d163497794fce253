{#
    From 2^40 on. Smaller ids are sequential (until snowflakes came, the original had counted to 3 * 10^10) or numbers of text ids. As a
    snowflake, 2^40 is of the fifth minute.
#}
{% macro snowflake_created_at(tweet_id) -%}
    case when {{ tweet_id }} >= 1099511627776 then {{ timestamp_from_millis('((' ~ tweet_id ~ ' >> 22) + 1288834974657)') }} end
{%- endmacro %}
