{# It exists because BigQuery's sha256 gives bytes. The kind is part of the text, so that a user and a tweet of one number differ. #}
{% macro id_hash(kind, text) %}
    {{- return(adapter.dispatch('id_hash', 'simclusters')("concat('" ~ kind ~ " ', " ~ text ~ ")")) -}}
{% endmacro %}

{% macro default__id_hash(text) -%}
    to_hex(sha256({{ text }}))
{%- endmacro %}

{% macro duckdb__id_hash(text) -%}
    sha256({{ text }})
{%- endmacro %}
