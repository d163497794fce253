{# Models outlive a failed run that were built before it failed, so a table says of itself which run made it, and what is newer. #}
{% macro end_run(results) %}
    {%- if not is_our_run() -%}
        {{ return('') }}
    {%- endif -%}
    {%- set known = known_table_runs() -%}
    {%- set built, failed = [], [] -%}
    {%- for result in results if result.node.package_name == 'simclusters' -%}
        {%- if result.status | string in ['error', 'fail', 'runtime error', 'partial success'] -%}
            {%- do failed.append(result.node.name) -%}
        {%- endif -%}
        {%- if result.node.resource_type == 'model' and result.node.name in known and result.status | string in ['success', 'partial success'] -%}
            {%- do built.append(result.node.name) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- set this_run = ' from ' ~ model_relation('runs') ~ " where run_id = '" ~ invocation_id ~ "'" -%}
    {%- set started_at = run_query('select cast(started_at as string) as started_at' ~ this_run).columns[0].values() | first -%}
    {%- for node in selected_models() -%}
        {%- do known.setdefault(node.name, {'run_id': none}).update({'unfinished_run_id': none}) -%}
        {%- if node.name in built -%}
            {%- do known[node.name].update({'run_id': invocation_id, 'started_at': started_at}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set newer = newer_tables(known) -%}
    {#- Of the others only what is news: DuckDB plans each row of the statement by itself. -#}
    {%- set rows, selected = [], selected_models() | map(attribute='name') | list -%}
    {%- for name, table in known.items() if name in selected or table.newer_table != newer.get(name) -%}
        {%- do rows.append({
            'table_name': name, 'unfinished_run_id': table.unfinished_run_id, 'newer_table': newer.get(name),
            'run_id': table.run_id if name in built else none,
        }) -%}
    {%- endfor -%}
    {%- do store_table_runs(rows) -%}
    {%- set update_sql -%}
update {{ model_relation('runs') }}

set run_state = '{{ 'failed' if failed else 'done' }}',
    ended_at = greatest({{ timestamp_literal(modules.datetime.datetime.now(modules.pytz.utc)) }}, started_at),
    as_of = {{ current_as_of() }},
    built_count = {{ built | length }},
    failed_count = {{ failed | length }},
    failed_nodes = {{ text_literal(failed[:5] | join(', ') if failed else none) }}

where run_id = '{{ invocation_id }}'
    {%- endset -%}
    {%- do run_query(update_sql) -%}
    {%- do clear_leftovers() -%}
    {%- do adapter.commit() -%}

    {%- if newer -%}
        {%- set name = (newer.keys() | list)[0] -%}
        {{ log(
            'Tables of two runs stand side by side: ' ~ newer | length ~ ' are older than what they are made of, such as ' ~ name ~ ' than '
            ~ newer[name] ~ '. Build all of them, or see table_runs.', info=True
        ) }}
    {%- endif -%}
{% endmacro %}


{#
    By table that is older than what it is made of: the nearest newer table. Views pass on what they read. Tables of the stream run ahead of
    the batch on purpose, so they make nothing old.
#}
{% macro newer_tables(known) %}
    {%- set newer, newest, nodes, parents_of, children_of, ready = {}, {}, {}, {}, {}, [] -%}
    {%- for unique_id, node in graph.nodes.items() if unique_id.startswith('model.simclusters.') -%}
        {%- do nodes.update({unique_id: node}) -%}
    {%- endfor -%}
    {%- for unique_id, node in nodes.items() -%}
        {%- do parents_of.update({unique_id: node.depends_on.nodes | select('in', nodes) | unique | list}) -%}
        {%- for parent in parents_of[unique_id] -%}
            {%- do children_of.setdefault(parent, []).append(unique_id) -%}
        {%- else -%}
            {%- do ready.append(unique_id) -%}
        {%- endfor -%}
    {%- endfor -%}

    {#- The list grows while it is read: a model enters it with the last of its parents. -#}
    {%- for unique_id in ready -%}
        {%- set node, best = nodes[unique_id], namespace(at='', table=none) -%}
        {%- for parent in parents_of[unique_id] if newest[parent].at > best.at -%}
            {%- set best.at, best.table = newest[parent].at, newest[parent].table -%}
        {%- endfor -%}
        {%- set is_stored = node.config.materialized not in ['view', 'hook_table'] and 'table_function' not in node.config.materialized -%}
        {%- set own_at = known.get(node.name, {}).get('started_at') -%}
        {%- if is_stored and own_at and own_at < best.at -%}
            {#- One that somebody dropped is no table any more. -#}
            {%- if stored_model(node.name) is not none -%}
                {%- do newer.update({node.name: best.table}) -%}
            {%- endif -%}
        {%- elif not is_stored -%}
            {%- for parent in parents_of[unique_id] if nodes[parent].name in newer -%}
                {%- do newer.update({node.name: newer[nodes[parent].name]}) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- if 'minute' in node.tags -%}
            {%- do newest.update({unique_id: {'at': '', 'table': none}}) -%}
        {%- elif is_stored and own_at and own_at >= best.at -%}
            {%- do newest.update({unique_id: {'at': own_at, 'table': node.name}}) -%}
        {%- else -%}
            {%- do newest.update({unique_id: {'at': best.at, 'table': best.table}}) -%}
        {%- endif -%}
        {%- for child in children_of.get(unique_id, []) if not parents_of[child] | reject('in', newest) | list -%}
            {%- do ready.append(child) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(newer) }}
{% endmacro %}
