{# Only Python models import something. Python's own message names one module, not what to do. #}
{% macro explain_missing_package(results) %}
    {%- set failed = [] -%}
    {%- for result in results if result.node.package_name == 'simclusters' and 'No module named' in result.message | string -%}
        {%- do failed.append(result.node.name) -%}
    {%- endfor -%}
    {%- if failed -%}
        {{ print(
            'The compiled kernel is asked for and its Python package is missing: ' ~ failed | join(', ') ~ ' could not be built, and every '
            ~ 'table of before is as it was. Install the package (pip install -e . here, pip install dbt_packages/simclusters in another '
            ~ 'project), or set the var engine: sql.'
        ) }}
    {%- endif -%}
{% endmacro %}
