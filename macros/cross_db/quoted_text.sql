{#
    Every text that comes from a var, a file name or an input goes through it. It exists because BigQuery also reads backslashes, and lets no
    line end in a quoted text.
#}
{% macro quoted_text(text) %}
    {{- return(adapter.dispatch('quoted_text', 'simclusters')(text | string)) -}}
{% endmacro %}

{% macro default__quoted_text(text) -%}
    {{- return("'" ~ text | replace("'", "''") ~ "'") -}}
{%- endmacro %}

{% macro bigquery__quoted_text(text) -%}
    {{- return(
        "'" ~ text | replace('\\', '\\\\') | replace("'", "\\'") | replace('\n', '\\n') | replace('\r', '\\r') ~ "'"
    ) -}}
{%- endmacro %}


{% macro quoted_texts(texts) %}
    {%- set quoted = [] -%}
    {%- for text in texts -%}
        {%- do quoted.append(quoted_text(text)) -%}
    {%- endfor -%}
    {{- return(quoted | join(', ')) -}}
{% endmacro %}
