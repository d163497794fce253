{#
    ln(1 + x) for x >= 0, also for tiny x. 1 + x keeps few digits of it, and the last digits of a sum must not decide. Below 0.001 four
    terms of the series are exact to 13 digits. The adapters have no function for it under a common name.
#}
{% macro log_one_plus(x) -%}
    case
        when {{ x }} < 0.001
            then {{ x }} * (1 - {{ x }} * (0.5 - {{ x }} * (1.0 / 3 - {{ x }} * 0.25)))
        else ln(1 + {{ x }})
    end
{%- endmacro %}
