{#
    The group state after one pass of merging down: each community is offered its linked partner at the least loss of the objective; the
    offers that are the cheapest for both sides are taken, the cheapest first, at most `merge_limit`.
#}
{% macro community_merged_sql(group_state, group_edges, pair_cost, largest, merge_limit) %}
with

offers as (

    select
        edges.group_position,
        edges.neighbor_position,
        {{ pair_cost }} * community.producer_count * partner.producer_count
        - edges.linked_units - {{ pair_cost }} * edges.link_count as loss

    from {{ group_edges }} as edges

    inner join {{ group_state }} as community
        on edges.group_position = community.group_position

    inner join {{ group_state }} as partner
        on edges.neighbor_position = partner.group_position

    where
        community.producer_count > 1
        and partner.producer_count > 1
        and community.producer_count + partner.producer_count <= {{ largest }}

),

{# Both directions of an offer are there, so the rank on either side of it is a rank among all offers that touch that community. -#}
ranked_offers as (

    select
        group_position,
        neighbor_position,
        loss,
        row_number() over (
            partition by group_position
            order by loss,
                least(group_position, neighbor_position),
                greatest(group_position, neighbor_position)
        ) as own_rank,
        row_number() over (
            partition by neighbor_position
            order by loss,
                least(group_position, neighbor_position),
                greatest(group_position, neighbor_position)
        ) as partner_rank

    from offers

),

taken_offers as (

    select
        group_position,
        neighbor_position,
        row_number() over (order by loss, group_position) as merge_number

    from ranked_offers

    where
        own_rank = 1
        and partner_rank = 1
        and group_position > neighbor_position

),

merged_state as (

    select
        group_state.group_position,
        group_state.private_label,
        coalesce(partner.label, group_state.label) as label,
        group_state.label as epoch_start_label,
        group_state.producer_count

    from {{ group_state }} as group_state

    left join taken_offers
        on
            group_state.group_position = taken_offers.group_position
            and taken_offers.merge_number <= {{ merge_limit }}

    left join {{ group_state }} as partner
        on taken_offers.neighbor_position = partner.group_position

)

select * from merged_state
{% endmacro %}
