{#
    The counted rules of an input table, in the order in which they are asked: pairs of a condition and the reason (an SQL string).
    Duplicates are not here: a repeated row costs nothing but itself.
#}
{% macro rejection_rules(table_name, as_of='') %}
    {% set table = input_tables()[table_name] %}
    {% set rules = [] %}

    {% for column_name in table['keys'] %}
        {% do rules.append((column_name ~ ' is null', "'" ~ column_name ~ " is null'")) %}
    {% endfor %}

    {% for column_name, column_type in table['columns'].items() if column_type == 'int64' %}
        {% do rules.append((column_name ~ ' < 0', "'" ~ column_name ~ " is negative'")) %}
    {% endfor %}

    {% for column_name in table['keys'] if column_name in ['engagement_type', 'opt_out_kind'] %}
        {% set known = "('" ~ known_values(column_name) | join("', '") ~ "')" %}
        {% do rules.append((column_name ~ ' not in ' ~ known, "concat('" ~ column_name ~ " is unknown: ', " ~ column_name ~ ")")) %}
    {% endfor %}

    {% if table_name == 'follows' %}
        {% do rules.append(('consumer_id = producer_id', "'follows itself'")) %}
    {% elif table_name == 'engagements' and as_of %}
        {% do rules.append(("engaged_at > cast('" ~ as_of ~ "' as timestamp)", "'engaged_at is after as_of'")) %}
    {% endif %}

    {{ return(rules) }}
{% endmacro %}
