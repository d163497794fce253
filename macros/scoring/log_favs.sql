{# log10(1 + x), the damping of decayed favs in the graph. 0 for no or negative favs. #}
{% macro log_favs(fav_score) -%}
    case when {{ fav_score }} > 0 then log10(1 + {{ fav_score }}) else 0.0 end
{%- endmacro %}
