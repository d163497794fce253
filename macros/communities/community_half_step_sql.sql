{#
    One half-step of docs/community_detection.md as one select: the state after the nodes of `block` have chosen against `state`.

    The choice is made in two aggregations, not by a ranking: a window would sort every candidate of every node.
#}
{% macro community_half_step_sql(state, edges, seed, epoch, block, blocks, temperature, pair_cost) %}
with

seed_inputs as (

    select cast({{ seed }} as int64) as seed_input

),

{{ scramble_steps('seed_keys', 'seed_inputs', 'seed_input', 'seed_key') }},

epoch_inputs as (

    select {{ bitwise_xor('seed_key', epoch) }} as epoch_input

    from seed_keys

),

{{ scramble_steps('epoch_keys', 'epoch_inputs', 'epoch_input', 'epoch_key') }},

node_inputs as (

    select
        state.node_position,
        state.private_label,
        state.label,
        {{ bitwise_xor('epoch_keys.epoch_key', 'state.node_position') }} as node_input

    from {{ state }} as state

    cross join epoch_keys

),

{{ scramble_steps('node_keys', 'node_inputs', 'node_input', 'node_key') }},

block_inputs as (

    select
        node_position,
        private_label,
        label,
        node_key,
        {{ bitwise_xor('node_key', 2147483647) }} as block_input

    from node_keys

),

{{ scramble_steps('block_keys', 'block_inputs', 'block_input', 'block_key') }},

choosers as (

    select
        node_position,
        private_label,
        label as current_label,
        node_key

    from block_keys

    where mod(block_key, {{ blocks }}) = {{ block }}

),

communities as (

    select
        label,
        count(*) as member_count

    from {{ state }}

    group by label

),

links as (

    select
        edges.node_position,
        neighbors.label,
        edges.linked_gain

    from choosers

    inner join {{ edges }} as edges
        on choosers.node_position = edges.node_position

    inner join {{ state }} as neighbors
        on edges.neighbor_position = neighbors.node_position

    union all

    select
        node_position,
        current_label as label,
        0 as linked_gain

    from choosers

    union all

    select
        choosers.node_position,
        choosers.private_label as label,
        0 as linked_gain

    from choosers

    left join communities
        on choosers.private_label = communities.label

    where communities.label is null

),

candidates as (

    select
        node_position,
        label,
        cast(sum(linked_gain) as int64) as linked_gain

    from links

    group by
        node_position,
        label

),

gains as (

    select
        candidates.node_position,
        candidates.label,
        candidates.label = choosers.current_label as is_current,
        candidates.linked_gain
        - {{ pair_cost }} * (
            coalesce(communities.member_count, 0)
            - case when candidates.label = choosers.current_label then 1 else 0 end
        ) as gain,
        {{ bitwise_xor('choosers.node_key', 'mod(candidates.label, 2147483648)') }} as draw_input

    from candidates

    inner join choosers
        on candidates.node_position = choosers.node_position

    left join communities
        on candidates.label = communities.label

),

{% if temperature > 0 -%}
{{ scramble_steps('draws', 'gains', 'draw_input', 'draw') }},

{# (draw + 0.5) / 2^31, written so that both dialects divide two integers as floats and lose nothing. -#}
scores as (

    select
        node_position,
        label,
        is_current,
        gain + cast(floor({{ temperature }} * (-ln(-ln((2 * draw + 1) / 4294967296)))) as int64) as score

    from draws

),
{%- else -%}
scores as (

    select
        node_position,
        label,
        is_current,
        gain as score

    from gains

),
{%- endif %}

best_scores as (

    select
        node_position,
        max(score) as score

    from scores

    group by node_position

),

{# Labels start at 1, so that 0 lets the current label win among equals. -#}
choices as (

    select
        scores.node_position,
        min(case when scores.is_current then 0 else scores.label end) as chosen_label

    from scores

    inner join best_scores
        on
            scores.node_position = best_scores.node_position
            and scores.score = best_scores.score

    group by scores.node_position

),

moved_state as (

    select
        state.node_position,
        state.producer_id,
        state.private_label,
        coalesce(nullif(choices.chosen_label, 0), state.label) as label,
        {% if block == 0 %}state.label{% else %}state.epoch_start_label{% endif %} as epoch_start_label

    from {{ state }} as state

    left join choices
        on state.node_position = choices.node_position

)

select * from moved_state
{% endmacro %}
