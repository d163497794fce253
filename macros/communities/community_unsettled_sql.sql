{#
    For each of some pair costs, how many producers would gain by moving: alone (`state`, `edges`), or with their whole
    community (`group_state`, `group_edges`). One row per pair cost, the most settled first, among equals the one nearest to `guess`.
#}
{% macro community_unsettled_sql(state, edges, group_state, group_edges, pair_costs, guess) %}
with

pair_costs as (

    {% for pair_cost in pair_costs -%}
    select cast({{ pair_cost }} as int64) as pair_cost
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

communities as (

    select
        label,
        count(*) as member_count

    from {{ state }}

    group by label

),

{% for level, level_state, level_edges in [('producer', state, edges), ('community', group_state, group_edges)] -%}
{{ level }}_links as (

    select
        edges.group_position,
        neighbors.label,
        edges.linked_units,
        edges.link_count

    from {{ level_edges }} as edges

    inner join {{ level_state }} as neighbors
        on edges.neighbor_position = neighbors.group_position

    union all

    select
        group_position,
        label,
        0 as linked_units,
        0 as link_count

    from {{ level_state }}

),

{{ level }}_candidates as (

    select
        group_position,
        label,
        cast(sum(linked_units) as int64) as linked_units,
        cast(sum(link_count) as int64) as link_count

    from {{ level }}_links

    group by group_position, label

),

{{ level }}_gains as (

    select
        candidates.group_position,
        level_state.producer_count,
        pair_costs.pair_cost,
        candidates.label = level_state.label as is_current,
        candidates.linked_units + pair_costs.pair_cost * candidates.link_count
        - pair_costs.pair_cost * level_state.producer_count * least(
            communities.member_count
            - case when candidates.label = level_state.label then level_state.producer_count else 0 end,
            cast(floor({{ 2 ** 60 }} / (pair_costs.pair_cost * level_state.producer_count)) as int64)
        ) as gain

    from {{ level }}_candidates as candidates

    inner join {{ level_state }} as level_state
        on candidates.group_position = level_state.group_position

    inner join communities
        on candidates.label = communities.label

    cross join pair_costs

),

{{ level }}_best_gains as (

    select
        group_position,
        pair_cost,
        min(producer_count) as producer_count,
        max(case when is_current then gain end) as current_gain,
        max(case when is_current then 0 else gain end) as best_gain

    from {{ level }}_gains

    group by group_position, pair_cost

),

{% endfor -%}

unsettled_groups as (

    {% for level in ['producer', 'community'] -%}
    select
        pair_cost,
        case when best_gain > current_gain then producer_count else 0 end as unsettled_count

    from {{ level }}_best_gains
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

unsettled_counts as (

    select
        pair_cost,
        cast(sum(unsettled_count) as int64) as unsettled_count

    from unsettled_groups

    group by pair_cost

)

select * from unsettled_counts

order by unsettled_count,
    abs(ln(pair_cost / {{ guess }})),
    pair_cost
{% endmacro %}
