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

    {%- set this_run = ' from ' ~ hook_table_relation('runs') ~ " where run_id = '" ~ invocation_id ~ "'" -%}
    {%- set started_at = run_query('select cast(started_at as string) as started_at' ~ this_run).columns[0].values() | first -%}
    {%- for node in selected_models() -%}
        {%- do known.setdefault(node.name, {'run_id': none}).update({'unfinished_run_id': none}) -%}
        {%- if node.name in built -%}
            {%- do known[node.name].update({'run_id': invocation_id, 'started_at': started_at}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set newer = newer_tables(known) -%}
    {%- set rows = [] -%}
    {%- for name, table in known.items() -%}
        {%- do rows.append({
            'table_name': name, 'unfinished_run_id': table.unfinished_run_id, 'newer_table': newer.get(name),
            'run_id': table.run_id if name in built else none,
        }) -%}
    {%- endfor -%}
    {%- do store_table_runs(rows) -%}
    {%- set update_sql -%}
update {{ hook_table_relation('runs') }}

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
    {%- set newer, newest, depths = {}, {}, namespace(waiting=[]) -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.package_name == 'simclusters' -%}
        {%- set depths.waiting = depths.waiting + [node] -%}
    {%- endfor -%}
    {%- set ours = depths.waiting | map(attribute='unique_id') | list -%}

    {%- for depth in range(1000) if depths.waiting -%}
        {%- set later = [] -%}
        {%- for node in depths.waiting -%}
            {%- set parents = node.depends_on.nodes | select('in', ours) | list -%}
            {%- if parents | reject('in', newest) | list -%}
                {%- do later.append(node) -%}
            {%- else -%}
                {%- set best = namespace(at='', table=none) -%}
                {%- for parent in parents if newest[parent].at > best.at -%}
                    {%- set best.at, best.table = newest[parent].at, newest[parent].table -%}
                {%- endfor -%}
                {%- set is_stored = node.config.materialized not in ['view', 'hook_table'] and 'table_function' not in node.config.materialized -%}
                {%- set own_at = known.get(node.name, {}).get('started_at') -%}
                {%- if is_stored and own_at and own_at < best.at -%}
                    {#- One that somebody dropped is no table any more. -#}
                    {%- if load_relation(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) is not none -%}
                        {%- do newer.update({node.name: best.table}) -%}
                    {%- endif -%}
                {%- elif not is_stored -%}
                    {%- for parent in parents if graph.nodes[parent].name in newer -%}
                        {%- do newer.update({node.name: newer[graph.nodes[parent].name]}) -%}
                    {%- endfor -%}
                {%- endif -%}
                {%- if 'minute' in node.tags -%}
                    {%- do newest.update({node.unique_id: {'at': '', 'table': none}}) -%}
                {%- elif is_stored and own_at and own_at >= best.at -%}
                    {%- do newest.update({node.unique_id: {'at': own_at, 'table': node.name}}) -%}
                {%- else -%}
                    {%- do newest.update({node.unique_id: {'at': best.at, 'table': best.table}}) -%}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set depths.waiting = later -%}
    {%- endfor -%}
    {{ return(newer) }}
{% endmacro %}
