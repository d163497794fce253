{# 0.5 ^ (age / half-life): the weight left of an event. The half-life is in hours; null or below zero means no decay (the original writes -1). #}
{% macro half_life_decay(event_at, as_of, half_life_hours) -%}
    case
        when coalesce({{ half_life_hours }}, -1) < 0 then 1.0
        else pow(0.5, ({{ unix_millis(as_of) }} - {{ unix_millis(event_at) }}) / ({{ half_life_hours }} * 3600000.0))
    end
{%- endmacro %}
