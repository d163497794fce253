{% macro finish_table(target_relation, existing_relation, backup_relation, post_hooks, scratch_tables=[]) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}

    {%- set grants, revokes = config.get('grants'), should_revoke(existing_relation, full_refresh_mode=True) -%}
    {%- do apply_grants(target_relation, grants, should_revoke=revokes) -%}
    {%- do persist_docs(target_relation, model) -%}

    {%- if scratch_tables -%}
        {%- do drop_scratch_tables(scratch_tables) -%}
    {%- endif -%}

    {{ adapter.commit() }}

    {{ drop_relation_if_exists(backup_relation) }}

    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmacro %}
