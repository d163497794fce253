{# One script, because dbt takes longer to drop a relation than to sweep a small graph. #}
{% macro drop_scratch_tables(scratch_tables) %}
    {%- set script -%}
        {%- for scratch_table in scratch_tables %}
drop table if exists {{ scratch_table }};
        {%- endfor -%}
    {%- endset -%}
    {%- do run_query(script) -%}
{% endmacro %}
