{# What the communities of `state` are worth at a pair cost (the objective of docs/community_detection.md), how many there are, and how large. #}
{% macro community_facts(state, edges, pair_cost) %}
    {%- set facts_sql -%}
    with

    inside_edges as (

        {{ community_inside_edges_sql(edges, state) | indent(8) }}

    ),

    inside_totals as (

        select
            cast(coalesce(sum(linked_units), 0) as int64) as inside_units,
            cast(coalesce(sum(link_count), 0) as int64) as inside_links

        from inside_edges

    ),

    communities as (

        select
            label,
            count(*) as member_count

        from {{ state }}

        group by label

    ),

    community_totals as (

        select
            cast(coalesce(sum(member_count * (member_count - 1)), 0) as int64) as inside_pairs,
            count(case when member_count > 1 then 1 end) as community_count,
            coalesce(max(member_count), 0) as largest_count

        from communities

    )

    select
        inside_totals.inside_units,
        inside_totals.inside_links,
        community_totals.inside_pairs,
        community_totals.community_count,
        community_totals.largest_count

    from inside_totals

    cross join community_totals
    {%- endset -%}

    {%- set row = run_query(facts_sql).rows[0] -%}
    {#- Both directions of an edge and of a pair are counted. -#}
    {%- set objective = (
        (row['inside_units'] | int) + pair_cost * ((row['inside_links'] | int) - (row['inside_pairs'] | int))
    ) // 2 -%}
    {{ return({
        'pair_cost': pair_cost,
        'objective': objective,
        'found': row['community_count'] | int,
        'largest': row['largest_count'] | int
    }) }}
{% endmacro %}
