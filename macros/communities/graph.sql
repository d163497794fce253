{#
    The graph of a run, as "Graph" and "State" of docs/community_detection.md say. Edges have integer units, producers are positions, and
    the run starts from labels. Sums of integers are exact and the same in any order.
#}
{% macro community_given_edges(model_sql) %}
with

model_rows as (
    {{ model_sql }}
),

{# A null weight stays null: `greatest` treats it differently on each adapter. -#}
edges_in_units as (
    select
        cast(producer_id as int64) as producer_id,
        cast(neighbor_producer_id as int64) as neighbor_producer_id,
        case
            when edge_weight is not null
                then greatest(1, cast(floor(edge_weight * 1e6 + 5e-1) as int64))
        end as weight_units

    from model_rows
)

select * from edges_in_units
{% endmacro %}


{% macro assert_edges_are_undirected(given_edges) %}
    {%- set offending_pairs_sql -%}
    select
        producer_id,
        neighbor_producer_id,
        count(*) as row_count

    from {{ given_edges }}

    group by producer_id, neighbor_producer_id

    having
        count(*) > 1
        or producer_id is null
        or neighbor_producer_id is null
        or min(weight_units) is null
        or producer_id >= neighbor_producer_id

    order by producer_id, neighbor_producer_id

    limit 5
    {%- endset -%}

    {%- set listed_pairs = [] -%}
    {%- for pair in run_query(offending_pairs_sql).rows -%}
        {%- do listed_pairs.append(
            '(' ~ pair['producer_id'] ~ ', ' ~ pair['neighbor_producer_id'] ~ ') in ' ~ pair['row_count'] ~ ' rows'
        ) -%}
    {%- endfor -%}
    {%- if listed_pairs -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ': (producer_id, neighbor_producer_id) must be unique, ascending and weighted, but there are '
            ~ listed_pairs | join('; ')
        ) }}
    {%- endif -%}
{% endmacro %}


{% macro community_producers(given_edges, previous_communities) %}
with

endpoints as (
    select producer_id from {{ given_edges }}

    union distinct

    select neighbor_producer_id as producer_id from {{ given_edges }}
),

{% if previous_communities is not none -%}
previous_communities as (
    {{ previous_communities }}
),

{% endif -%}

positions as (
    select
        endpoints.producer_id,
        {% if previous_communities is none %}cast(null as int64){% else %}previous_communities.cluster_id{% endif %} as previous_cluster_id,
        row_number() over (order by endpoints.producer_id) - 1 as group_position

    from endpoints

    {%- if previous_communities is not none %}

    left join previous_communities on endpoints.producer_id = previous_communities.producer_id
    {%- endif %}
),

largest_labels as (select coalesce(max(previous_cluster_id), 0) as largest_label from positions),

labelled_producers as (
    select
        positions.group_position,
        positions.producer_id,
        positions.previous_cluster_id,
        largest_labels.largest_label + 1 + positions.group_position as private_label

    from positions

    cross join largest_labels
)

select * from labelled_producers
{% endmacro %}


{% macro community_edges(given_edges, producers) %}
with

edges_between_positions as (
    select
        producers.group_position,
        neighbors.group_position as neighbor_position,
        given_edges.weight_units as linked_units,
        cast(1 as int64) as link_count

    from {{ given_edges }} as given_edges

    inner join {{ producers }} as producers on given_edges.producer_id = producers.producer_id
    inner join {{ producers }} as neighbors on given_edges.neighbor_producer_id = neighbors.producer_id
),

directed_edges as (
    select group_position, neighbor_position, linked_units, link_count from edges_between_positions
    union all
    select neighbor_position as group_position, group_position as neighbor_position, linked_units, link_count from edges_between_positions
)

select * from directed_edges
{% endmacro %}


{% macro community_start(producers) %}
select
    group_position,
    private_label,
    coalesce(previous_cluster_id, private_label) as label,
    coalesce(previous_cluster_id, private_label) as epoch_start_label,
    cast(1 as int64) as producer_count

from {{ producers }}
{% endmacro %}


{% macro community_graph_facts(producers, edges) %}
    {%- set facts_sql -%}
    with

    producer_totals as (
        select
            count(*) as producer_count,
            count(previous_cluster_id) as kept_count

        from {{ producers }}
    ),

    degrees as (
        select
            group_position,
            count(*) as link_count,
            sum(linked_units) as linked_units,
            max(linked_units) as largest_units

        from {{ edges }}

        group by group_position
    ),

    degree_totals as (
        select
            cast(coalesce(sum(link_count), 0) as int64) as link_count,
            cast(coalesce(sum(linked_units), 0) as int64) as linked_units,
            coalesce(max(link_count), 0) as largest_degree,
            coalesce(max(largest_units), 0) as largest_units

        from degrees
    )

    select
        producer_totals.producer_count, producer_totals.kept_count, degree_totals.link_count, degree_totals.linked_units,
        degree_totals.largest_degree, degree_totals.largest_units

    from producer_totals

    cross join degree_totals
    {%- endset -%}

    {%- set row = run_query(facts_sql).rows[0] -%}
    {%- set producer_count, link_count = row['producer_count'] | int, row['link_count'] | int -%}
    {#- A pair cost up to this one keeps every sum below 2^62: it is multiplied by producers, or by links of both directions. -#}
    {%- set exact_pair_cost = 2 ** 61 // [1, producer_count, link_count] | max - 1 -%}
    {{ return({
        'producer_count': producer_count,
        'edge_count': link_count // 2,
        'mean_units': [1, row['linked_units'] | int // [1, link_count] | max] | max,
        'is_warm': row['kept_count'] | int > 0,
        'exact_pair_cost': exact_pair_cost,
        'highest_pair_cost': [row['largest_units'] | int * row['largest_degree'] | int, exact_pair_cost] | min
    }) }}
{% endmacro %}
