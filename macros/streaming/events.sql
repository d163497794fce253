{# In whole milliseconds, because a timestamp takes no fraction of one. Text is 0 while dbt parses; check_vars then says what is wrong. #}
{% macro stream_millis(hours=0, minutes=0) -%}
    {{ return((((hours | float) * 60 + (minutes | float)) * 60000) | round | int) }}
{%- endmacro %}


{# The largest event of a pair is its last. An un-fav is larger than a fav at the same instant. #}
{% macro event_number(millis, is_fav) -%}
    {{ millis }} * 2 + case when {{ is_fav }} then 0 else 1 end
{%- endmacro %}


{% macro is_fav_event(event) -%}
    mod({{ event }}, 2) = 0
{%- endmacro %}


{% macro event_millis(event) -%}
    cast(floor({{ event }} / 2.0) as int64)
{%- endmacro %}


{% macro bucket_end_millis(event, bucket_millis) -%}
    {{ event_millis(event) }} - mod({{ event_millis(event) }}, {{ bucket_millis }}) + {{ bucket_millis }}
{%- endmacro %}
