{#
    connected_components: the model selects the edges of many small graphs; the table has one row per node with the smallest
    node of its component.

    The model's columns, all int64, are the graph, the node and its neighbour. Each edge stands in both directions. Each node has a row to
    itself, because a node without neighbours is a component too. Parameters, in the model's `meta`, are the names of the columns and of
    the result:
        meta: {graph: consumer_id, node: producer_id, neighbor: neighbor_producer_id, component: component_id}

    Every step gives a node the smallest label among its neighbours', and then that of the node it points at. So long chains need few steps,
    about the logarithm of their length. A graph in which no label changed is done and takes part in no further step. Most are done after
    the first. The steps end when all graphs are done, so the result is exact. A label is a member's id, so the order of rows does not
    matter.

    Statements: 2 before the steps, 2 per step, 1 for the table, 2 drops.
#}
{% materialization connected_components, default %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set graph, node = config.meta_get('graph'), config.meta_get('node') -%}
    {%- set neighbor, component = config.meta_get('neighbor'), config.meta_get('component') -%}
    {%- if not (graph and node and neighbor and component) -%}
        {{ exceptions.raise_compiler_error(model.name ~ ': meta must name graph, node, neighbor and component') }}
    {%- endif -%}
    {%- set edges = scratch_relation(target_relation, 'edges') -%}
    {%- set labels = scratch_relation(target_relation, 'labels') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- do create_scratch_table_as(edges, sql) -%}

    {%- set first_labels_sql -%}
    select
        {{ graph }},
        {{ node }},
        min({{ neighbor }}) as label,
        min({{ neighbor }}) <> {{ node }} as has_changed

    from {{ edges }}

    group by {{ graph }}, {{ node }}
    {%- endset -%}
    {%- do create_scratch_table_as(labels, first_labels_sql) -%}

    {%- set step_sql -%}
    with

    open_graphs as (
        select distinct {{ graph }}

        from {{ labels }}

        where has_changed
    ),

    open_labels as (
        select
            labels.{{ graph }},
            labels.{{ node }},
            labels.label

        from {{ labels }} as labels

        inner join open_graphs on labels.{{ graph }} = open_graphs.{{ graph }}
    ),

    smallest_labels as (
        select
            edges.{{ graph }},
            edges.{{ node }},
            min(neighbors.label) as label

        from {{ edges }} as edges

        inner join open_labels as neighbors
            on edges.{{ graph }} = neighbors.{{ graph }}
                and edges.{{ neighbor }} = neighbors.{{ node }}

        group by edges.{{ graph }}, edges.{{ node }}
    )

    select
        smallest.{{ graph }},
        smallest.{{ node }},
        least(smallest.label, pointed_at.label) as label,
        least(smallest.label, pointed_at.label) <> previous.label as has_changed

    from smallest_labels as smallest

    inner join open_labels as previous
        on smallest.{{ graph }} = previous.{{ graph }}
            and smallest.{{ node }} = previous.{{ node }}

    inner join open_labels as pointed_at
        on smallest.{{ graph }} = pointed_at.{{ graph }}
            and smallest.label = pointed_at.{{ node }}

    union all

    select
        labels.{{ graph }},
        labels.{{ node }},
        labels.label,
        false as has_changed

    from {{ labels }} as labels

    left join open_graphs on labels.{{ graph }} = open_graphs.{{ graph }}

    where open_graphs.{{ graph }} is null
    {%- endset -%}

    {%- set changed_sql -%}
    select count(*) as changed_count from {{ labels }} where has_changed
    {%- endset -%}

    {#- A step joins at least one node to a smaller label, so this many are never needed. range() is the loop that Jinja has. -#}
    {%- for step in range(100000) -%}
        {%- set changed_count = run_query(changed_sql).rows[0]['changed_count'] | int -%}
        {{ log(model.name ~ ': ' ~ changed_count ~ ' labels changed in step ' ~ step) }}
        {%- if changed_count == 0 -%}
            {%- break -%}
        {%- endif -%}
        {%- do create_scratch_table_as(labels, step_sql) -%}
    {%- endfor -%}

    {%- set table_sql -%}
    select
        {{ graph }},
        {{ node }},
        label as {{ component }}

    from {{ labels }}
    {%- endset -%}

    {%- set backup_relation = replace_table(target_relation, existing_relation, table_sql) -%}

    {{ return(finish_table(target_relation, existing_relation, backup_relation, post_hooks, [edges, labels])) }}

{% endmaterialization %}
