{# A run of a company's project that selects none of our models is not ours. #}
{% macro is_our_run() %}
    {%- if not execute or flags.WHICH not in ['run', 'build'] or 'model.simclusters.runs' not in graph.nodes -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(selected_models() | length > 0) }}
{% endmacro %}


{% macro selected_models() %}
    {%- set nodes = [] -%}
    {%- for unique_id in selected_resources if unique_id.startswith('model.simclusters.') -%}
        {%- set node = graph.nodes[unique_id] -%}
        {%- if node.config.materialized != 'hook_table' -%}
            {%- do nodes.append(node) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(nodes) }}
{% endmacro %}


{% macro model_relation(name) %}
    {%- set node = graph.nodes['model.simclusters.' ~ name] -%}
    {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias, type='table')) }}
{% endmacro %}


{# None where there is no such table. #}
{% macro stored_model(name) %}
    {{ return(load_relation(model_relation(name)) if 'model.simclusters.' ~ name in graph.nodes else none) }}
{% endmacro %}


{#
    It stops a run that would mix rows of two origins, before anything is replaced. Only tables that keep rows from run to run can mix. A
    full refresh may go on: it starts them afresh.
#}
{% macro check_origin() %}
    {%- if not is_our_run() or flags.FULL_REFRESH -%}
        {{ return('') }}
    {%- endif -%}
    {%- set origin = run_origin() -%}
    {%- set known = known_table_runs() -%}
    {%- set others = {} -%}
    {%- for node in selected_models() if keeps_rows(node) and node.name in known -%}
        {%- for origin_of_table in known[node.name].origins if origin_of_table != origin -%}
            {%- set text = origin_text(origin_of_table.kind, origin_of_table.name) -%}
            {%- do others.update({text: {'origin': origin_of_table, 'names': others.get(text, {'names': []}).names + [node.name]}}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if others -%}
        {%- set lines = [] -%}
        {%- for text, other in others.items() -%}
            {%- set more = ' and ' ~ (other.names | length - 5) ~ ' more' if other.names | length > 5 else '' -%}
            {%- do lines.append('- ' ~ text ~ ': ' ~ other.names[:5] | join(', ') ~ more) -%}
        {%- endfor -%}
        {%- set other_origin = (others.values() | list)[0].origin -%}
        {{ exceptions.raise_compiler_error(
            'This run reads ' ~ origin_text(origin.kind, origin.name) ~ ', and tables here that keep rows from run to run hold those of\n'
            ~ lines | join('\n')
            ~ '\nThe two would mix, so no table was replaced. Either\n'
            ~ '- build into another database: SIMCLUSTERS_DATABASE=other.duckdb, or another schema,\n'
            ~ '- start afresh here, without the histories: make run FULL_REFRESH=1, or dbt build --full-refresh,\n'
            ~ '- or, when these are the same inputs in a new place, say so: update ' ~ model_relation('runs') ~ " set input_kind = '"
            ~ origin.kind ~ "', input_name = " ~ text_literal(origin.name) ~ " where input_kind = '" ~ other_origin.kind
            ~ "' and input_name = " ~ text_literal(other_origin.name)
        ) }}
    {%- endif -%}
{% endmacro %}


{% macro keeps_rows(node) %}
    {{ return(
        node.config.materialized in ['incremental', 'versioned_table', 'community_sweeps'] and node.config.full_refresh is not true
    ) }}
{% endmacro %}


{# By table: its run and when that started, as text; what is newer. Then the run that may have replaced it, and the origins that its rows may have. #}
{% macro known_table_runs() %}
    {%- set known = {} -%}
    {%- if stored_model('table_runs') is none -%}
        {{ return(known) }}
    {%- endif -%}
    {%- set rows_sql -%}
select
    table_runs.table_name,
    table_runs.run_id,
    table_runs.unfinished_run_id,
    table_runs.newer_table,
    cast(last_run.started_at as string) as started_at,
    last_run.input_kind,
    last_run.input_name,
    unfinished_run.input_kind as unfinished_kind,
    unfinished_run.input_name as unfinished_name

from {{ model_relation('table_runs') }} as table_runs

left join {{ model_relation('runs') }} as last_run on table_runs.run_id = last_run.run_id

left join {{ model_relation('runs') }} as unfinished_run on table_runs.unfinished_run_id = unfinished_run.run_id
    {%- endset -%}
    {%- for row in run_query(rows_sql).rows -%}
        {%- set origins = [] -%}
        {%- if row['input_kind'] -%}
            {%- do origins.append({'kind': row['input_kind'], 'name': row['input_name'] or ''}) -%}
        {%- endif -%}
        {%- if row['unfinished_kind'] -%}
            {%- do origins.append({'kind': row['unfinished_kind'], 'name': row['unfinished_name'] or ''}) -%}
        {%- endif -%}
        {%- do known.update({row['table_name']: {
            'run_id': row['run_id'], 'unfinished_run_id': row['unfinished_run_id'], 'newer_table': row['newer_table'],
            'started_at': row['started_at'], 'origins': origins,
        }}) -%}
    {%- endfor -%}
    {{ return(known) }}
{% endmacro %}


{#
    Every table that the run sets out to build bears its id until the run says how it ended. A run that was killed never does.
    A killed run may have replaced a table or not. Where that matters, for rows of another origin, the table counts as replaced.
#}
{% macro start_run() %}
    {%- if not is_our_run() -%}
        {{ return('') }}
    {%- endif -%}
    {%- set runs = model_relation('runs') -%}
    {%- for name in ['runs', 'table_runs'] if stored_model(name) is none -%}
        {%- do adapter.create_schema(model_relation(name)) -%}
        {%- do run_query(create_hook_table_sql(model_relation(name), graph.nodes['model.simclusters.' ~ name].columns)) -%}
        {%- do adapter.cache_added(model_relation(name)) -%}
    {%- endfor -%}

    {%- set origin = run_origin() -%}
    {%- set known = known_table_runs() -%}
    {%- do run_query(
        "update " ~ runs ~ " set run_state = 'killed', as_of = " ~ current_as_of() ~ " where run_state = 'started' and " ~ is_abandoned()
    ) -%}
    {%- do forget_old_runs(runs, model_relation('table_runs')) -%}
    {%- do clear_leftovers() -%}
    {%- do drop_unfinished_history() -%}
    {%- do run_query(
        'insert into ' ~ runs ~ ' (run_id, run_state, command, started_at, is_full_refresh, input_kind, input_name, model_version, '
        ~ "selected_count) select '" ~ invocation_id ~ "', 'started', '" ~ flags.WHICH ~ "', " ~ not_before_the_last_run() ~ ', '
        ~ (flags.FULL_REFRESH | string | lower) ~ ", '" ~ origin.kind ~ "', " ~ text_literal(origin.name) ~ ', '
        ~ text_literal(var('model_version')) ~ ', ' ~ selected_models() | length ~ ' from ' ~ runs
    ) -%}

    {%- set rows = [] -%}
    {%- for node in selected_models() -%}
        {%- set before = known.get(node.name, {'origins': []}) -%}
        {%- set may_be_other = before.origins | length > 1 and before.origins[-1] != origin -%}
        {%- do rows.append({
            'table_name': node.name, 'unfinished_run_id': invocation_id, 'run_id': before.unfinished_run_id if may_be_other else none,
        }) -%}
    {%- endfor -%}
    {%- do store_table_runs(rows) -%}
    {#- A question about another schema, as of input_schema, has begun a transaction. dbt would roll it back, and the run with it. -#}
    {%- do adapter.commit() -%}
{% endmacro %}


{# Runs are in the order of their starts, so a clock that went back may not put one before those that are recorded. #}
{% macro not_before_the_last_run() %}
    {%- set clock = timestamp_literal(run_started_at) -%}
    {{ return('greatest(' ~ clock ~ ', coalesce(max(started_at) + interval 1 microsecond, ' ~ clock ~ '))') }}
{% endmacro %}


{#
    Rows of a time that no run has built to the end are no history: communities would start from them. Of the tables that this run builds
    they go, and it writes its own. A run that mends a failed one without its histories leaves them. A failed test does not make a run
    unfinished, as long as all models are built.
#}
{% macro drop_unfinished_history() %}
    {%- set unfinished_sql -%}
with

times as (
    select model_version, as_of, count(case when run_state = 'done' or built_count = selected_count then 1 end) as finished_count

    from {{ model_relation('runs') }}

    where as_of is not null

    group by model_version, as_of
),

counted_times as (
    select model_version, cast(as_of as string) as as_of, finished_count, sum(finished_count) over (partition by as_of) as finished_of_any

    from times
)

select model_version, as_of, finished_of_any from counted_times where finished_count = 0
    {%- endset -%}
    {%- set unfinished = run_query(unfinished_sql).rows -%}
    {%- set dropped = [] -%}
    {%- for node in selected_models() if unfinished and keeps_rows(node) and 'as_of' in node.columns -%}
        {%- set relation = stored_model(node.name) -%}
        {%- set conditions = [] -%}
        {%- for model_version, as_of, finished_of_any in unfinished -%}
            {%- if 'model_version' in node.columns -%}
                {%- do conditions.append(
                    '(as_of = cast(' ~ quoted_text(as_of) ~ ' as timestamp) and model_version = ' ~ quoted_text(model_version) ~ ')'
                ) -%}
            {%- elif finished_of_any == 0 -%}
                {%- do conditions.append('as_of = cast(' ~ quoted_text(as_of) ~ ' as timestamp)') -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if relation and conditions -%}
            {%- set rows = ' from ' ~ relation ~ ' where ' ~ conditions | join(' or ') -%}
            {%- set times = run_query('select distinct cast(as_of as string)' ~ rows ~ ' order by 1').columns[0].values() -%}
            {%- if times -%}
                {%- do run_query('delete' ~ rows) -%}
                {%- do dropped.append(node.name ~ ' (' ~ times | join(', ') ~ ')') -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if dropped -%}
        {{ log('Rows of times that no run has built to the end were dropped: ' ~ dropped | sort | join(', '), info=True) }}
    {%- endif -%}
{% endmacro %}


{# A run each minute would add half a million rows a year. Who built a table stays known, and which run built a time to the end. #}
{% macro forget_old_runs(runs, table_runs) %}
    {%- set delete_sql -%}
delete from {{ runs }}

where run_id in (
    select ranked_runs.run_id

    from (
        select
            run_id,
            row_number() over (order by started_at desc, run_id) as newest_rank,
            row_number() over (
                partition by model_version, as_of
                order by
                    case when run_state = 'done' or built_count = selected_count then 0 else 1 end, started_at desc, run_id
            ) as rank_in_time

        from {{ runs }}
    ) as ranked_runs

    where ranked_runs.newest_rank > 10000
        and ranked_runs.rank_in_time > 1
        and ranked_runs.run_id not in (
            select run_id from {{ table_runs }} where run_id is not null
            union all
            select unfinished_run_id from {{ table_runs }} where unfinished_run_id is not null
        )
)
    {%- endset -%}
    {%- do run_query(delete_sql) -%}
{% endmacro %}


{# A run id that is none leaves the one that is stored. #}
{% macro store_table_runs(rows) %}
    {%- set merge_sql -%}
merge into {{ model_relation('table_runs') }} as kept_rows

using (
    {%- for row in rows %}
    select
        {#- #} '{{ row.table_name }}' as table_name,
        {#- #} {{ text_literal(row.run_id) }} as run_id,
        {#- #} {{ text_literal(row.unfinished_run_id) }} as unfinished_run_id,
        {#- #} {{ text_literal(row.newer_table) }} as newer_table
        {{- ' union all' if not loop.last }}
    {%- endfor %}
) as new_rows

on kept_rows.table_name = new_rows.table_name

when matched then update set
    run_id = coalesce(new_rows.run_id, kept_rows.run_id),
    unfinished_run_id = new_rows.unfinished_run_id,
    newer_table = new_rows.newer_table

when not matched then insert (table_name, run_id, unfinished_run_id, newer_table)
values (new_rows.table_name, new_rows.run_id, new_rows.unfinished_run_id, new_rows.newer_table)
    {%- endset -%}
    {%- do run_query(merge_sql) -%}
{% endmacro %}


{% macro text_literal(value) %}
    {{ return('cast(null as string)' if value is none or value is undefined else quoted_text(value)) }}
{% endmacro %}


{% macro timestamp_literal(time) %}
    {{ return("cast('" ~ time.strftime('%Y-%m-%d %H:%M:%S.%f') ~ "' as timestamp)") }}
{% endmacro %}


{# The end of the window that the tables have now. #}
{% macro current_as_of() %}
    {%- set relation = stored_model('stg_as_of') -%}
    {{ return('cast(null as timestamp)' if relation is none else '(select max(as_of) from ' ~ relation ~ ')') }}
{% endmacro %}
