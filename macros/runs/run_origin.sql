{#
    Two runs have one origin when kind and name are equal. The same folder with newer files is the same origin; a folder that was moved is
    another one, because nothing tells it from other data. A relative folder is one of the project's, where dbt goes before it works.
    Of input_models, the required table stands for all.
#}
{% macro run_origin() %}
    {%- set input_models = var('input_models', {}) -%}
    {%- if input_models -%}
        {{ return({'kind': 'models', 'name': (input_models['follows'] or input_models.values() | join(', ')) | string}) }}
    {%- elif var('input_schema') -%}
        {{ return({'kind': 'schema', 'name': var('input_schema') | string}) }}
    {%- elif var('input_dir') -%}
        {{ return({'kind': 'folder', 'name': whole_path(var('input_dir') | string)}) }}
    {%- endif -%}
    {{ return({'kind': 'sample', 'name': ''}) }}
{% endmacro %}


{# Without the password and the signature of a URL, because the name is stored and printed. #}
{% macro whole_path(path) %}
    {%- if '://' in path -%}
        {{ return(modules.re.sub('://[^/@]*@', '://', path.split('?')[0]).rstrip('/')) }}
    {%- endif -%}
    {%- set project_folder = invocation_args_dict.get('project_dir') | string -%}
    {%- if not path.startswith('/') and project_folder.startswith('/') -%}
        {%- set path = project_folder ~ '/' ~ path -%}
    {%- endif -%}
    {%- set parts = [] -%}
    {%- for part in path.split('/') if part not in ['', '.'] -%}
        {%- if part == '..' and parts and parts[-1] != '..' -%}
            {%- do parts.pop() -%}
        {%- else -%}
            {%- do parts.append(part) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(('/' if path.startswith('/') else '') ~ parts | join('/')) }}
{% endmacro %}


{% macro origin_text(kind, name) %}
    {{ return({'sample': 'the sample', 'folder': 'the folder ', 'schema': 'the schema ', 'models': 'the models of '}[kind] ~ name) }}
{% endmacro %}
