{#
    Epochs and half-steps of docs/community_detection.md. A half-step is one statement: the groups of one block choose against the state
    as it is, and all of them move. A group is one producer, a part of a community or a whole one.
#}
{% macro run_community_epochs(run, state, edges, temperatures, pair_cost, blocks, of_whole_groups=false) %}
    {%- for temperature in temperatures -%}
        {%- do run.update({'epoch': run.epoch + 1}) -%}
        {%- set epoch_key = scrambled(xored(run.seed_key, run.epoch)) -%}
        {%- for block in range(blocks) -%}
            {%- do create_scratch_table_as(state, community_half_step(
                state, edges, epoch_key, block, blocks, temperature, pair_cost, of_whole_groups
            )) -%}
        {%- endfor -%}
        {{ log(model.name ~ ': epoch ' ~ run.epoch ~ ' at temperature ' ~ temperature ~ ' is done') }}

        {%- if temperature == 0 and not loop.last -%}
            {%- set moved_sql -%}
    select count(*) as moved_count from {{ state }} where label <> epoch_start_label
            {%- endset -%}
            {%- if run_query(moved_sql).rows[0]['moved_count'] | int == 0 -%}
                {%- break -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}


{% macro community_half_step(state, edges, epoch_key, block, blocks, temperature, pair_cost, of_whole_groups=false) %}
with

{{ half_step_choosers(state, epoch_key, block, blocks) }},

{{ half_step_candidates(state, edges, pair_cost, of_whole_groups) }},

{{ half_step_choices(temperature) }},

moved_state as (
    select
        state.group_position,
        state.private_label,
        coalesce(choices.chosen_label, state.label) as label,
        {% if block == 0 %}state.label{% else %}state.epoch_start_label{% endif %} as epoch_start_label,
        state.producer_count

    from {{ state }} as state

    left join choices on state.group_position = choices.group_position
)

select * from moved_state
{% endmacro %}


{% macro half_step_choosers(state, epoch_key, block, blocks) -%}
group_inputs as (select *, {{ bitwise_xor(epoch_key, 'group_position') }} as group_input from {{ state }}),

{{ scramble_steps('group_keys', 'group_inputs', 'group_input', 'group_key') }},

block_inputs as (select *, {{ bitwise_xor('group_key', scramble_numbers().block_label) }} as block_input from group_keys),

{{ scramble_steps('block_keys', 'block_inputs', 'block_input', 'block_key') }},

communities as (select label, cast(sum(producer_count) as int64) as member_count from {{ state }} group by label),

{# A part that holds more than half of its community stays, so two halves do not both leave. A single producer never holds more. -#}
choosers as (
    select
        block_keys.group_position,
        block_keys.private_label,
        block_keys.label as current_label,
        block_keys.producer_count,
        block_keys.group_key,
        communities.member_count - block_keys.producer_count as others_count

    from block_keys

    inner join communities on block_keys.label = communities.label

    where
        mod(block_keys.block_key, {{ blocks }}) = {{ block }}
        and (
            communities.member_count = block_keys.producer_count
            or communities.member_count >= 2 * block_keys.producer_count
        )
)
{%- endmacro %}


{% macro half_step_candidates(state, edges, pair_cost, of_whole_groups) -%}
{# A group may go to its neighbours' labels, stay, or open its private label if nobody carries it. -#}
links as (
    select
        edges.group_position,
        neighbors.label,
        edges.linked_units + {{ pair_cost }} * edges.link_count as linked_gain

    from choosers

    inner join {{ edges }} as edges on choosers.group_position = edges.group_position
    inner join {{ state }} as neighbors on edges.neighbor_position = neighbors.group_position

    union all

    select group_position, current_label as label, 0 as linked_gain

    from choosers

    union all

    select choosers.group_position, choosers.private_label as label, 0 as linked_gain

    from choosers

    left join communities on choosers.private_label = communities.label

    where communities.label is null
),

linked_candidates as (
    select
        group_position,
        label,
        cast(sum(linked_gain) as int64) as linked_gain

    from links

    group by group_position, label
),

candidates as (
    select
        linked_candidates.group_position,
        linked_candidates.label,
        linked_candidates.linked_gain,
        linked_candidates.label = choosers.current_label as is_current,
        choosers.producer_count,
        choosers.group_key,
        case
            when linked_candidates.label = choosers.current_label then choosers.others_count
            else coalesce(communities.member_count, 0)
        end as joined_count

    from linked_candidates

    inner join choosers on linked_candidates.group_position = choosers.group_position
    left join communities on linked_candidates.label = communities.label

    {%- if of_whole_groups %}

    {# A whole community joins only a larger one, or among equals the one with the smaller label. So two do not swap. #}
    where
        choosers.others_count > 0
        or communities.member_count > choosers.producer_count
        or (communities.member_count = choosers.producer_count and linked_candidates.label <= choosers.current_label)
    {%- endif %}
),

gains as (
    select
        group_position,
        label,
        is_current,
        group_key,
        {%- if of_whole_groups %}
        linked_gain - {{ exact_cost_of_pairs(pair_cost, 'producer_count', 'joined_count') }} as gain
        {%- else %}
        linked_gain - {{ pair_cost }} * joined_count as gain
        {%- endif %}

    from candidates
)
{%- endmacro %}


{# A score and two aggregations, not a ranking: a window would sort every candidate of every group. #}
{% macro half_step_choices(temperature) -%}
{% if temperature > 0 -%}
draw_inputs as (select *, {{ bitwise_xor('group_key', 'mod(label, ' ~ scramble_numbers().range ~ ')') }} as draw_input from gains),

{{ scramble_steps('draws', 'draw_inputs', 'draw_input', 'draw') }},

{# (draw + 0.5) / 2^31, written so that both dialects divide two integers as floats and lose nothing. -#}
scores as (
    select
        group_position,
        label,
        is_current,
        gain + cast(floor({{ temperature }} * (-ln(-ln((2 * draw + 1) / {{ 2 ** 32 }})))) as int64) as score

    from draws
),
{%- else -%}
scores as (select group_position, label, is_current, gain as score from gains),
{%- endif %}

best_scores as (select group_position, max(score) as score from scores group by group_position),

choices as (
    select
        scores.group_position,
        coalesce(min(case when scores.is_current then scores.label end), min(scores.label)) as chosen_label

    from scores

    inner join best_scores
        on
            scores.group_position = best_scores.group_position
            and scores.score = best_scores.score

    group by scores.group_position
)
{%- endmacro %}


{#
    Two large groups could pass 2^62. A cost that high is never paid, so the smaller of the two counts is cut off where the product is
    exact.
#}
{% macro exact_cost_of_pairs(pair_cost, producer_count, joined_count) -%}
{{ pair_cost }} * {{ producer_count }} * least(
            {{ joined_count }}, cast(floor({{ 2 ** 60 }} / ({{ pair_cost }} * {{ producer_count }})) as int64)
        )
{%- endmacro %}
