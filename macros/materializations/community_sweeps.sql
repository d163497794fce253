{#
    community_sweeps: community detection in SQL alone, on every adapter. It follows docs/community_detection.md. Without community moves it
    gives the communities that the Python kernel gives. With them it gives communities that are as good.

    The model selects the graph, one row per undirected edge:
        producer_id, neighbor_producer_id (int64, producer_id < neighbor_producer_id), edge_weight (float64).

    The table keeps one row per as_of and producer in a community:
        as_of (timestamp), producer_id (int64), cluster_id (int64, from 1).

    A run starts from the newest as_of before its own, or cold if there is none. It replaces the rows of its own as_of, so the same run
    twice writes the same rows. `--full-refresh` drops the history and starts cold. The sweeps work on scratch tables, and the model's table
    changes in one step at the end. So a failed or killed run leaves it as it was. A run reads the rows of the run it starts from, and no
    rows of others.

    Parameters, all in the model's `meta`, all required but greedy_epochs:
        as_of                   time of the result: a date or time, or an SQL expression. It is rendered when the model runs, so it may
                                hold a ref, which the model then repeats in a `depends_on` comment.
        seed                    integer; another seed, another path.
        epochs                  annealed epochs: passes over all producers at a falling temperature.
        greedy_epochs           most epochs at temperature 0 after them, without community moves; they end when nobody moves. 0 when absent.
        blocks                  half-steps of an epoch, each one statement; 2 is usual.
        start_temperature       temperature of the first epoch, in mean edge weights.
        cooling_ratio           factor from one epoch to the next, in (0, 1].
        community_moves         true: parts of communities and whole communities move as well. false: the sweeps alone.
        communities_k           communities asked for: a number, or an SQL expression for one, as as_of. Only read when
                                true_positive_weight is 0.
        count_tolerance         share of communities_k by which the count may be off. When absent 0.01, and 0.05 on a warm start, where less would
                                change communities for a percent of the count.
        true_positive_weight    symbol w: what a linked pair counts against an unlinked one. Higher, larger communities. 0, which needs
                                community moves: the one at which about communities_k communities are found.

    Example:
        config(
            materialized = 'community_sweeps',
            meta = {
                'as_of': "(select max(engaged_at) from {{ ref('stg_engagements') }})",
                'seed': 7, 'epochs': 8, 'blocks': 2, 'start_temperature': 0.25, 'cooling_ratio': 0.7,
                'community_moves': true, 'communities_k': 1000, 'true_positive_weight': 0
            }
        )

    Statements: about 10 around the sweeps, `blocks` per annealed epoch, about 30 per round of community moves.
#}
{% materialization community_sweeps, default %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set has_history = existing_relation is not none and existing_relation.is_table and not should_full_refresh() -%}
    {%- set settings = community_sweep_settings() -%}

    {%- set tables = {} -%}
    {%- for purpose in [
        'given_edges', 'producers', 'edges', 'state', 'part_state', 'part_edges', 'members', 'group_state', 'group_edges',
        'start_state', 'fine_state', 'most_state', 'limited_state', 'overlaps', 'new_rows'
    ] -%}
        {%- do tables.update({purpose: scratch_relation(target_relation, purpose)}) -%}
    {%- endfor -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- do create_scratch_table_as(tables.given_edges, community_given_edges(sql)) -%}
    {%- do assert_edges_are_undirected(tables.given_edges) -%}

    {%- set run_times = community_run_times(settings.as_of, has_history) -%}
    {%- set as_of = "cast('" ~ run_times.as_of ~ "' as timestamp)" -%}
    {%- set previous_communities = none -%}
    {%- if run_times.previous_as_of is not none -%}
        {%- set previous_communities -%}
    select producer_id, cluster_id

    from {{ this }}

    where as_of = cast('{{ run_times.previous_as_of }}' as timestamp)
        {%- endset -%}
    {%- endif -%}

    {%- do create_scratch_table_as(tables.producers, community_producers(tables.given_edges, previous_communities)) -%}
    {%- do create_scratch_table_as(tables.state, community_start(tables.producers)) -%}
    {%- do create_scratch_table_as(tables.edges, community_edges(tables.given_edges, tables.producers)) -%}
    {%- set graph = community_graph_facts(tables.producers, tables.edges) -%}
    {{ log(
        model.name ~ ': ' ~ graph.edge_count ~ ' edges, as of ' ~ run_times.as_of ~ ', '
        ~ ('cold start' if run_times.previous_as_of is none else 'start from ' ~ run_times.previous_as_of)
        ~ (', so community moves alone: the sweeps run on a cold start' if run_times.previous_as_of is not none and settings.community_moves else ''),
        info=True
    ) }}

    {%- do find_communities({
        'tables': tables,
        'settings': settings,
        'graph': graph,
        'seed_key': scrambled(settings.seed % scramble_numbers().range),
        'epoch': 0
    }) -%}

    {%- set new_rows_sql -%}
    select
        {{ as_of }} as as_of,
        producer_id,
        cluster_id

    from (
        {{ numbered_communities(tables.state, tables.producers) }}
    ) as numbered_communities
    {%- endset -%}

    {%- set backup_relation = none -%}
    {%- if has_history -%}
        {%- do create_scratch_table_as(tables.new_rows, new_rows_sql) -%}
        {%- do replace_versions(target_relation, tables.new_rows, ['as_of', 'producer_id', 'cluster_id'], [{'as_of': as_of}]) -%}
    {%- else -%}
        {%- set backup_relation = replace_table(target_relation, existing_relation, new_rows_sql) -%}
    {%- endif -%}

    {{ return(finish_table(target_relation, existing_relation, backup_relation, post_hooks, tables.values())) }}

{% endmaterialization %}


{% macro community_sweep_settings() %}
    {%- set settings = {
        'seed': config.meta_require('seed') | int,
        'epochs': config.meta_require('epochs') | int,
        'greedy_epochs': config.meta_get('greedy_epochs', 0) | int,
        'blocks': config.meta_require('blocks') | int,
        'start_temperature': config.meta_require('start_temperature') | float,
        'cooling_ratio': config.meta_require('cooling_ratio') | float,
        'true_positive_weight': config.meta_require('true_positive_weight') | float,
        'communities_k': asked_communities(config.meta_require('communities_k')),
        'tolerance': config.meta_get('count_tolerance'),
        'community_moves': config.meta_require('community_moves') | string | lower == 'true'
    } -%}

    {%- set laws = [
        ('epochs', settings.epochs >= 0, 'at least 0'),
        ('greedy_epochs', settings.greedy_epochs >= 0, 'at least 0'),
        ('blocks', settings.blocks >= 1, 'at least 1'),
        ('start_temperature', settings.start_temperature >= 0, 'at least 0'),
        ('cooling_ratio', settings.cooling_ratio > 0 and settings.cooling_ratio <= 1, 'above 0 and at most 1'),
        ('communities_k', settings.communities_k >= 1, 'at least 1'),
        (
            'true_positive_weight',
            settings.true_positive_weight > 0 or (settings.true_positive_weight == 0 and settings.community_moves),
            'above 0, or 0 with community moves'
        )
    ] -%}
    {%- for name, holds, law in laws if not holds -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ': meta.' ~ name ~ ' is ' ~ settings[name] ~ ' and must be ' ~ law
        ) }}
    {%- endfor -%}

    {#- A bare date or time is a constant, anything else is SQL. Rendered late, so the SQL may hold ref(). -#}
    {%- set as_of = render(config.meta_require('as_of') | string) | trim -%}
    {%- if modules.re.match('[0-9]{4}-[0-9]{2}-[0-9]{2}', as_of) -%}
        {%- set as_of = "'" ~ as_of ~ "'" -%}
    {%- endif -%}
    {%- do settings.update({'as_of': as_of}) -%}

    {{ return(settings) }}
{% endmacro %}


{# As text, because the times go on as constants, and BigQuery reads only the partitions that a constant names. #}
{% macro community_run_times(as_of, has_history) %}
    {%- set times_sql -%}
    with

    run_times as (
        select cast({{ as_of }} as timestamp) as as_of
    ),

    previous_runs as (
        {% if has_history -%}
        select max(history.as_of) as previous_as_of

        from {{ this }} as history

        inner join run_times on history.as_of < run_times.as_of
        {%- else -%}
        select cast(null as timestamp) as previous_as_of
        {%- endif %}
    )

    select
        cast(run_times.as_of as string) as as_of,
        cast(previous_runs.previous_as_of as string) as previous_as_of

    from run_times

    cross join previous_runs
    {%- endset -%}

    {%- set row = run_query(times_sql).rows[0] -%}
    {%- if row['as_of'] is none -%}
        {{ exceptions.raise_compiler_error(model.name ~ ': meta.as_of is null: ' ~ as_of) }}
    {%- endif -%}
    {{ return({'as_of': row['as_of'], 'previous_as_of': row['previous_as_of']}) }}
{% endmacro %}


{# A whole number, or SQL that gives one when the model runs. #}
{% macro asked_communities(asked) %}
    {%- if asked is string and not modules.re.fullmatch('[0-9]+', asked | trim) -%}
        {%- set asked = run_query('select ' ~ render(asked) ~ ' as communities_k').rows[0][0] -%}
    {%- endif -%}
    {{ return(asked | float | round | int) }}
{% endmacro %}
