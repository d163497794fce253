{#
    One half-step of docs/community_detection.md as one select: the state after the groups of `block` have chosen against `state`.
    A group is one producer, a part of a community or a whole one; `group_state` has one row per group.

    state           group_position, private_label, label, epoch_start_label, producer_count
    edges           group_position, neighbor_position, linked_units, link_count; both directions
    of_whole_groups communities and their parts choose, not single producers: see "Community moves in SQL" for what they may not do

    The choice is made in two aggregations, not by a ranking: a window would sort every candidate of every group.
#}
{% macro community_half_step_sql(state, edges, epoch_key, block, blocks, temperature, pair_cost, of_whole_groups=false) %}
with

group_inputs as (

    select
        group_position,
        private_label,
        label,
        producer_count,
        {{ bitwise_xor(epoch_key, 'group_position') }} as group_input

    from {{ state }}

),

{{ scramble_steps('group_keys', 'group_inputs', 'group_input', 'group_key') }},

block_inputs as (

    select
        group_position,
        private_label,
        label,
        producer_count,
        group_key,
        {{ bitwise_xor('group_key', 2147483647) }} as block_input

    from group_keys

),

{{ scramble_steps('block_keys', 'block_inputs', 'block_input', 'block_key') }},

communities as (

    select
        label,
        cast(sum(producer_count) as int64) as member_count

    from {{ state }}

    group by label

),

choosers as (

    select
        block_keys.group_position,
        block_keys.private_label,
        block_keys.label as current_label,
        block_keys.producer_count,
        block_keys.group_key,
        communities.member_count - block_keys.producer_count as others_count

    from block_keys

    inner join communities
        on block_keys.label = communities.label

    where
        mod(block_keys.block_key, {{ blocks }}) = {{ block }}
        {%- if of_whole_groups %}
        and (
            communities.member_count = block_keys.producer_count
            or communities.member_count >= 2 * block_keys.producer_count
        )
        {%- endif %}

),

links as (

    select
        edges.group_position,
        neighbors.label,
        edges.linked_units + {{ pair_cost }} * edges.link_count as linked_gain

    from choosers

    inner join {{ edges }} as edges
        on choosers.group_position = edges.group_position

    inner join {{ state }} as neighbors
        on edges.neighbor_position = neighbors.group_position

    union all

    select
        group_position,
        current_label as label,
        0 as linked_gain

    from choosers

    union all

    select
        choosers.group_position,
        choosers.private_label as label,
        0 as linked_gain

    from choosers

    left join communities
        on choosers.private_label = communities.label

    where communities.label is null

),

candidates as (

    select
        group_position,
        label,
        cast(sum(linked_gain) as int64) as linked_gain

    from links

    group by group_position, label

),

candidate_sizes as (

    select
        candidates.group_position,
        candidates.label,
        candidates.linked_gain,
        candidates.label = choosers.current_label as is_current,
        choosers.producer_count,
        choosers.group_key,
        case
            when candidates.label = choosers.current_label then choosers.others_count
            else coalesce(communities.member_count, 0)
        end as joined_count

    from candidates

    inner join choosers
        on candidates.group_position = choosers.group_position

    left join communities
        on candidates.label = communities.label

    {%- if of_whole_groups %}

    where
        choosers.others_count > 0
        or communities.member_count > choosers.producer_count
        or (communities.member_count = choosers.producer_count and candidates.label <= choosers.current_label)
    {%- endif %}

),

gains as (

    select
        group_position,
        label,
        is_current,
        {%- if of_whole_groups %}
        linked_gain - {{ pair_cost }} * producer_count * least(
            joined_count, cast(floor({{ 2 ** 60 }} / ({{ pair_cost }} * producer_count)) as int64)
        ) as gain
        {%- else %}
        linked_gain - {{ pair_cost }} * joined_count as gain
        {%- endif %}
        {%- if temperature > 0 %},
        {{ bitwise_xor('group_key', 'mod(label, 2147483648)') }} as draw_input
        {%- endif %}

    from candidate_sizes

),

{% if temperature > 0 -%}
{{ scramble_steps('draws', 'gains', 'draw_input', 'draw') }},

{# (draw + 0.5) / 2^31, written so that both dialects divide two integers as floats and lose nothing. -#}
scores as (

    select
        group_position,
        label,
        is_current,
        gain + cast(floor({{ temperature }} * (-ln(-ln((2 * draw + 1) / 4294967296)))) as int64) as score

    from draws

),
{%- else -%}
scores as (

    select
        group_position,
        label,
        is_current,
        gain as score

    from gains

),
{%- endif %}

best_scores as (

    select
        group_position,
        max(score) as score

    from scores

    group by group_position

),

{# Labels start at 1, so that 0 lets the current label win among equals. -#}
choices as (

    select
        scores.group_position,
        min(case when scores.is_current then 0 else scores.label end) as chosen_label

    from scores

    inner join best_scores
        on
            scores.group_position = best_scores.group_position
            and scores.score = best_scores.score

    group by scores.group_position

),

moved_state as (

    select
        state.group_position,
        state.private_label,
        coalesce(nullif(choices.chosen_label, 0), state.label) as label,
        {% if block == 0 %}state.label{% else %}state.epoch_start_label{% endif %} as epoch_start_label,
        state.producer_count

    from {{ state }} as state

    left join choices
        on state.group_position = choices.group_position

)

select * from moved_state
{% endmacro %}
