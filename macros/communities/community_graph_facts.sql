{# How large the graph is: producers, the largest degree and weight; and whether any producer has a previous community. #}
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
            max(linked_units) as largest_units

        from {{ edges }}

        group by group_position

    ),

    degree_totals as (

        select
            coalesce(max(link_count), 0) as largest_degree,
            coalesce(max(largest_units), 0) as largest_units

        from degrees

    )

    select
        producer_totals.producer_count,
        producer_totals.kept_count,
        degree_totals.largest_degree,
        degree_totals.largest_units

    from producer_totals

    cross join degree_totals
    {%- endset -%}

    {%- set row = run_query(facts_sql).rows[0] -%}
    {{ return({
        'producer_count': row['producer_count'] | int,
        'is_warm': row['kept_count'] | int > 0,
        'largest_degree': row['largest_degree'] | int,
        'largest_units': row['largest_units'] | int
    }) }}
{% endmacro %}
