{% macro half_life_decay(event_at, as_of, half_life_hours) -%}
    case
        when coalesce({{ half_life_hours }}, -1) < 0 then 1.0
        else pow(0.5, ({{ unix_millis(as_of) }} - {{ unix_millis(event_at) }}) / ({{ half_life_hours }} * 3600000.0))
    end
{%- endmacro %}


{# It is 0 beyond rank 700, where the power would leave the range of a float on BigQuery. #}
{% macro falling_with_rank(rank, ratio) -%}
    case when {{ rank }} > 700 then 0.0 else pow({{ ratio }}, 1 - {{ rank }}) end
{%- endmacro %}


{% macro log_favs(fav_score) -%}
    case when {{ fav_score }} > 0 then log10(1 + {{ fav_score }}) else 0.0 end
{%- endmacro %}


{#
    1 + x keeps few digits of a tiny x, and the last digits of a sum must not decide. The adapters have no function for it under a common name,
    but both have asinh, and ln(1 + x) = 2 asinh(x / (2 sqrt(1 + x))).
#}
{% macro log_one_plus(x) -%}
    2 * asinh({{ x }} / (2 * sqrt(1 + {{ x }})))
{%- endmacro %}


{% macro saturating_popularity(fav_count, scale) -%}
    (2.0 / (1 + exp(-{{ fav_count }} / {{ scale }})) - 1)
{%- endmacro %}
