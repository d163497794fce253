{# Up to five rows of a checked input for a message, one a line, in the order of their text. #}
{% macro example_rows(checked, condition, row_text) %}
    {% set rows = run_query(
        'select ' ~ row_text ~ ' as row_text from ' ~ checked ~ ' as checked_rows where ' ~ condition ~ ' order by row_text limit 5'
    ) %}
    {{ return('\n    ' ~ rows.columns[0].values() | join('\n    ')) }}
{% endmacro %}
