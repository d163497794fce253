{#
    community_sweeps: community detection in SQL alone, on every adapter. It follows docs/community_detection.md line by line, so
    it gives the communities that the sweeps of the Python kernel give.

    The model selects the graph, one row per undirected edge:
        producer_id, neighbor_producer_id (int64, producer_id < neighbor_producer_id), edge_weight (float64).

    The table keeps one row per as_of and producer in a community:
        as_of (timestamp), producer_id (int64), cluster_id (int64, from 1).
    A run starts from the newest as_of before its own, or cold if there is none, and replaces the rows of its own as_of: the
    same run twice writes the same rows. `--full-refresh` drops the history and starts cold.
    The sweeps work on scratch tables; the model's table changes in one step at the end, so a failed or killed run leaves it as it was.
    Rows of other runs are neither read nor written, but for those of the run it starts from.

    Parameters, all in the model's `meta`, all required:
        as_of                   time of the result: a date or time, or an SQL expression. It is rendered when the model runs, so it may
                                hold a ref, which the model then repeats in a `depends_on` comment.
        seed                    integer; another seed, another path.
        epochs                  annealed epochs: passes over all producers at a falling temperature.
        greedy_epochs           at most so many epochs at temperature 0 after them, without community moves; they end when nobody moves.
        blocks                  half-steps of an epoch, each one statement; 2 is usual.
        start_temperature       temperature of the first epoch, in mean edge weights.
        cooling_ratio           factor from one epoch to the next, in (0, 1].
        community_moves         true: parts of communities and whole communities move as well. false: the sweeps alone.
        communities_k           communities asked for. Only read when true_positive_weight is 0.
        true_positive_weight    symbol w: what a linked pair counts against an unlinked one. Higher, larger communities. 0, which needs
                                community moves: the one at which about communities_k communities are found.

    Example:
        config(
            materialized = 'community_sweeps',
            meta = {
                'as_of': "(select max(engaged_at) from {{ ref('stg_engagements') }})",
                'seed': 7, 'epochs': 8, 'greedy_epochs': 8, 'blocks': 2, 'start_temperature': 0.25, 'cooling_ratio': 0.7,
                'community_moves': true, 'communities_k': 1000, 'true_positive_weight': 0
            }
        )

    Statements: about 10 around the sweeps, `blocks` per annealed epoch, about 30 per round of community moves.
#}
{% materialization community_sweeps, default %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set has_history = existing_relation is not none and existing_relation.is_table and not should_full_refresh() -%}
    {%- set grant_config = config.get('grants') -%}
    {%- set settings = community_sweep_settings() -%}

    {%- set tables = {} -%}
    {%- for purpose in [
        'given_edges', 'producers', 'edges', 'state', 'part_state', 'part_edges', 'members', 'group_state', 'group_edges',
        'start_state', 'fine_state', 'most_state', 'overlaps', 'new_rows'
    ] -%}
        {%- do tables.update({purpose: scratch_relation(target_relation, purpose)}) -%}
    {%- endfor -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- do run_query(create_scratch_table_as(tables.given_edges, community_given_edges_sql(sql))) -%}
    {%- do assert_edges_are_undirected(tables.given_edges) -%}

    {%- set run_facts_sql -%}
    with

    run_times as (

        select cast({{ settings.as_of }} as timestamp) as as_of

    ),

    edge_totals as (

        select
            count(*) as edge_count,
            cast(coalesce(sum(weight_units), 0) as int64) as unit_count

        from {{ tables.given_edges }}

    )
    {%- if has_history %},

    previous_runs as (

        select max(history.as_of) as previous_as_of

        from {{ this }} as history

        inner join run_times
            on history.as_of < run_times.as_of

    )
    {%- endif %}

    select
        cast(run_times.as_of as string) as as_of,
        {% if has_history %}cast(previous_runs.previous_as_of as string){% else %}cast(null as string){% endif %} as previous_as_of,
        edge_totals.edge_count,
        edge_totals.unit_count

    from run_times

    cross join edge_totals
    {%- if has_history %}

    cross join previous_runs
    {%- endif %}
    {%- endset -%}

    {%- set run_facts = run_query(run_facts_sql).rows[0] -%}
    {%- if run_facts['as_of'] is none -%}
        {{ exceptions.raise_compiler_error(model.name ~ ': meta.as_of is null: ' ~ settings.as_of) }}
    {%- endif -%}
    {%- set as_of = "cast('" ~ run_facts['as_of'] ~ "' as timestamp)" -%}
    {%- set edge_count = run_facts['edge_count'] | int -%}
    {%- set previous_communities = none -%}
    {%- if run_facts['previous_as_of'] is not none -%}
        {%- set previous_communities -%}
    select
        producer_id,
        cluster_id

    from {{ this }}

    where as_of = cast('{{ run_facts['previous_as_of'] }}' as timestamp)
        {%- endset -%}
    {%- endif -%}

    {{ log(
        model.name ~ ': ' ~ edge_count ~ ' edges, as of ' ~ run_facts['as_of'] ~ ', '
        ~ ('cold start' if previous_communities is none else 'start from ' ~ run_facts['previous_as_of']),
        info=True
    ) }}

    {%- do run_query(create_scratch_table_as(tables.producers, community_producers_sql(tables.given_edges, previous_communities))) -%}
    {%- do run_query(create_scratch_table_as(tables.state, community_start_sql(tables.producers))) -%}
    {%- do run_query(create_scratch_table_as(tables.edges, community_edges_sql(tables.given_edges, tables.producers))) -%}
    {%- do find_communities(tables, settings, edge_count, run_facts['unit_count'] | int) -%}

    {%- set new_rows_sql -%}
    select
        {{ as_of }} as as_of,
        producer_id,
        cluster_id

    from (
        {{ numbered_communities_sql(tables.state, tables.producers) }}
    ) as numbered_communities
    {%- endset -%}

    {%- set backup_relation = none -%}
    {%- if has_history -%}
        {%- do run_query(create_scratch_table_as(tables.new_rows, new_rows_sql)) -%}
        {%- do replace_versions(target_relation, tables.new_rows, ['as_of', 'producer_id', 'cluster_id'], [{'as_of': as_of}]) -%}
    {%- else -%}
        {%- set backup_relation = replace_table(target_relation, existing_relation, new_rows_sql) -%}
    {%- endif -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}

    {%- set should_revoke = should_revoke(existing_relation, full_refresh_mode=True) -%}
    {%- do apply_grants(target_relation, grant_config, should_revoke=should_revoke) -%}
    {%- do persist_docs(target_relation, model) -%}

    {%- for scratch_table in tables.values() -%}
        {%- do adapter.drop_relation(scratch_table) -%}
    {%- endfor -%}

    {{ adapter.commit() }}

    {{ drop_relation_if_exists(backup_relation) }}

    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}

{% endmaterialization %}
