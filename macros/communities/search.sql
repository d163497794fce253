{#
    From the start of a run to its communities: "Schedule", "Community moves in SQL" and "The number of communities" of
    docs/community_detection.md. `run` holds the run's scratch tables, settings, graph facts and the number of its last epoch.
#}
{% macro find_communities(run) %}
    {%- set tables, settings, graph = run.tables, run.settings, run.graph -%}
    {%- set pair_cost = first_pair_cost(settings, graph) -%}
    {%- if settings.tolerance is none -%}
        {%- do settings.update({'tolerance': 0.05 if graph.is_warm else 0.01}) -%}
    {%- endif -%}

    {%- if not settings.community_moves or not graph.is_warm -%}
        {%- set temperatures = [] -%}
        {%- for epoch in range(settings.epochs) -%}
            {%- set temperature = graph.mean_units * settings.start_temperature * settings.cooling_ratio ** epoch -%}
            {%- do temperatures.append(temperature | round(0, 'floor') | int) -%}
        {%- endfor -%}
        {%- do run_community_epochs(run, tables.state, tables.edges, temperatures, pair_cost, settings.blocks) -%}
    {%- endif -%}

    {%- if not settings.community_moves -%}
        {%- set greedy_temperatures = [0] * settings.greedy_epochs -%}
        {%- do run_community_epochs(run, tables.state, tables.edges, greedy_temperatures, pair_cost, settings.blocks) -%}
    {%- elif graph.producer_count > 0 -%}
        {%- if settings.true_positive_weight > 0 -%}
            {%- set facts = settle_communities(run, pair_cost) -%}
            {%- do facts.update({'reason': 'the resolution was given'}) -%}
        {%- else -%}
            {%- set pair_cost = [pair_cost, graph.highest_pair_cost] | min -%}
            {%- if graph.is_warm -%}
                {%- set pair_cost = most_settled_pair_cost(run, pair_cost) -%}
            {%- endif -%}
            {%- set facts = fit_communities(run, pair_cost) -%}
        {%- endif -%}
        {%- if graph.is_warm -%}
            {%- do keep_community_ids(tables) -%}
        {%- endif -%}
        {{ log(
            model.name ~ ': ' ~ facts.found ~ ' communities of ' ~ graph.producer_count ~ ' producers, the largest of '
            ~ facts.largest ~ ', pair cost ' ~ facts.pair_cost ~ ' of ' ~ graph.mean_units ~ ', objective ' ~ facts.objective
            ~ '; ' ~ facts.reason,
            info=True
        ) }}
    {%- endif -%}
{% endmacro %}


{% macro first_pair_cost(settings, graph) %}
    {%- set true_positive_weight = settings.true_positive_weight -%}
    {%- if true_positive_weight == 0 -%}
        {#- A producer with a quarter of its links in a community of twice the mean size breaks even. -#}
        {%- set quarter_links = [1, graph.edge_count] | max / (2 * [1, graph.producer_count] | max) -%}
        {%- set twice_the_mean_size = 2 * graph.producer_count / settings.communities_k -%}
        {%- set true_positive_weight = [0.3, (twice_the_mean_size - 1 - quarter_links) / quarter_links] | max -%}
    {%- endif -%}

    {%- set pair_cost = [1, (graph.mean_units / true_positive_weight) | round(0, 'floor') | int] | max -%}
    {%- if pair_cost > graph.exact_pair_cost -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ': meta.true_positive_weight ' ~ settings.true_positive_weight ~ ' is too small for a graph of this size'
        ) }}
    {%- endif -%}
    {{ return(pair_cost) }}
{% endmacro %}


{% macro settle_communities(run, pair_cost) %}
    {%- set tables, blocks = run.tables, run.settings.blocks -%}
    {%- set most_rounds, least_gain = 10, 0.0001 -%}
    {%- set progress = namespace(facts=community_facts(tables, pair_cost)) -%}
    {%- for round in range(most_rounds) -%}
        {%- do run_community_epochs(run, tables.state, tables.edges, [0] * 4, pair_cost, blocks) -%}

        {%- do create_scratch_table_as(tables.part_state, community_single_parts(tables.state)) -%}
        {%- do create_scratch_table_as(tables.part_edges, community_inside_edges(tables.edges, tables.state)) -%}
        {%- do run_community_epochs(run, tables.part_state, tables.part_edges, [0] * 3, pair_cost, blocks) -%}
        {%- do move_community_groups(run, tables.part_state, 2, pair_cost, blocks) -%}

        {#- Whole communities only join larger ones, so nobody swaps and one block is enough. -#}
        {%- do move_community_groups(run, tables.state, 6, pair_cost, blocks=1) -%}

        {%- set facts = community_facts(tables, pair_cost) -%}
        {%- set gain = facts.objective - progress.facts.objective -%}
        {%- set progress.facts = facts -%}
        {{ log(
            model.name ~ ': pair cost ' ~ pair_cost ~ ', round ' ~ loop.index ~ ': ' ~ facts.found ~ ' communities, largest '
            ~ facts.largest ~ ', objective ' ~ facts.objective ~ ' (' ~ gain ~ ' gained)'
        ) }}
        {%- if gain <= least_gain * facts.objective | abs -%}
            {%- break -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(progress.facts) }}
{% endmacro %}


{# The size limit bends before the count does, and where it keeps no giant away: then the search is made again without it. #}
{% macro fit_communities(run, pair_cost) %}
    {%- set tables, graph, k, tolerance = run.tables, run.graph, run.settings.communities_k, run.settings.tolerance -%}
    {%- set largest = [2, (graph.producer_count * [0.05, 3 / k] | max) | int] | max -%}
    {%- do copy_community_state(tables.state, tables.start_state) -%}
    {%- set limited = fit_communities_within(run, pair_cost, largest) -%}
    {%- set is_near = (limited.found - k) | abs <= tolerance * k -%}
    {%- if not limited.had_giant or (is_near and limited.largest <= largest) -%}
        {{ return(limited) }}
    {%- endif -%}

    {%- do copy_community_state(tables.state, tables.limited_state) -%}
    {%- do copy_community_state(tables.start_state, tables.state) -%}
    {%- set bent = fit_communities_within(run, pair_cost, graph.producer_count) -%}
    {%- set is_bent_near = (bent.found - k) | abs <= tolerance * k -%}
    {%- if (bent.found - k) | abs < (limited.found - k) | abs or (is_bent_near and limited.largest > largest) -%}
        {%- do bent.update({'reason': bent.reason ~ '; the limit of ' ~ largest ~ ' producers a community was bent for the count'}) -%}
        {{ return(bent) }}
    {%- endif -%}
    {%- do copy_community_state(tables.limited_state, tables.state) -%}
    {{ return(limited) }}
{% endmacro %}


{#
    A probe that is too coarse or too fine moves that side of the search; the next pair cost lies between the two. A cold probe starts from
    the last partition that was too fine, because merging is cheap. A warm one always starts from the start, because ids stay that way.
#}
{% macro fit_communities_within(run, pair_cost, largest) %}
    {%- set tables, graph, k, tolerance = run.tables, run.graph, run.settings.communities_k, run.settings.tolerance -%}
    {%- set most_probes = 24 -%}
    {%- set search = namespace(pair_cost=pair_cost, coarse=none, fine=none, most=none, had_giant=false) -%}

    {%- for probe_number in range(1, most_probes + 1) -%}
        {%- set probe = settle_communities(run, search.pair_cost) -%}
        {{ log(
            model.name ~ ': probe ' ~ probe_number ~ ' at pair cost ' ~ probe.pair_cost ~ ' finds ' ~ probe.found
            ~ ' communities, the largest of ' ~ probe.largest
        ) }}
        {%- if search.most is none or probe.found > search.most.found -%}
            {%- set search.most = probe -%}
            {%- do copy_community_state(tables.state, tables.most_state) -%}
        {%- endif -%}

        {%- set has_giant = probe.largest > largest and probe.found < 4 * k -%}
        {%- set search.had_giant = search.had_giant or has_giant -%}
        {%- if has_giant or probe.found < (1 - tolerance) * k -%}
            {%- set search.coarse = probe -%}
            {%- set is_past_the_peak = probe.found < 0.9 * search.most.found -%}
            {%- if search.fine is none and (is_past_the_peak or probe.pair_cost >= graph.highest_pair_cost) -%}
                {%- break -%}
            {%- endif -%}
        {%- elif probe.found <= (1 + tolerance) * k -%}
            {%- do probe.update({'reason': 'the count is met at probe ' ~ probe_number, 'had_giant': false}) -%}
            {{ return(probe) }}
        {%- else -%}
            {%- set search.fine = probe -%}
            {%- do copy_community_state(tables.state, tables.fine_state) -%}
            {%- if probe.pair_cost == 1 -%}
                {%- break -%}
            {%- endif -%}
        {%- endif -%}

        {%- if search.coarse and search.fine and search.fine.pair_cost <= 1.01 * search.coarse.pair_cost + 1 -%}
            {%- break -%}
        {%- endif -%}
        {%- set search.pair_cost = next_pair_cost(search.coarse, search.fine, k, graph.highest_pair_cost, probe_number) -%}
        {%- if graph.is_warm -%}
            {%- do copy_community_state(tables.start_state, tables.state) -%}
        {%- elif search.fine -%}
            {%- do copy_community_state(tables.fine_state, tables.state) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- if not search.fine -%}
        {%- do copy_community_state(tables.most_state, tables.state) -%}
        {%- do search.most.update({'reason': 'no pair cost tried gives more', 'had_giant': search.had_giant}) -%}
        {{ return(search.most) }}
    {%- endif -%}
    {%- do copy_community_state(tables.fine_state, tables.state) -%}
    {%- set merged = merge_communities_down(run, search.fine.pair_cost, largest) -%}
    {%- do merged.update({
        'reason': 'the count jumps over k or a giant forms first, so ' ~ search.fine.found ~ ' were merged down',
        'had_giant': search.had_giant
    }) -%}
    {{ return(merged) }}
{% endmacro %}


{% macro next_pair_cost(coarse, fine, k, highest_pair_cost, probe_number) %}
    {%- if coarse and fine -%}
        {%- set share = 0.5 -%}
        {%- if coarse.found < k and k < fine.found -%}
            {#- Jinja has no logarithm; the warehouse has. -#}
            {%- set coarse_count = [1, coarse.found] | max -%}
            {%- set share_sql = 'select ln(' ~ k ~ ' / ' ~ coarse_count ~ ') / ln(' ~ fine.found ~ ' / ' ~ coarse_count ~ ') as share' -%}
            {%- set share = [0.15, [0.85, run_query(share_sql).rows[0]['share'] | float] | min] | max -%}
        {%- endif -%}
        {%- set between = (coarse.pair_cost ** (1 - share) * fine.pair_cost ** share) | round | int -%}
        {{ return([coarse.pair_cost + 1, between] | max) }}
    {%- endif -%}

    {%- set ratio = k / [1, coarse.found] | max if coarse else fine.found / k -%}
    {%- set step = [8.0, [1.1, ratio ** (1.4 * probe_number)] | max] | min -%}
    {%- if coarse -%}
        {{ return([highest_pair_cost, [coarse.pair_cost + 1, (coarse.pair_cost * step) | int] | max] | min) }}
    {%- endif -%}
    {{ return([1, [fine.pair_cost - 1, (fine.pair_cost / step) | int] | min] | max) }}
{% endmacro %}


{# Powers of two around the guess, then steps beside the best of them. #}
{% macro most_settled_pair_cost(run, guess) %}
    {%- set tables = run.tables -%}
    {%- do form_community_groups(tables, tables.state) -%}
    {%- set best = namespace(pair_cost=guess) -%}
    {%- for powers in [range(-6, 7), [-0.5, -0.25, 0, 0.25, 0.5]] -%}
        {%- set pair_costs = [] -%}
        {%- for power in powers -%}
            {%- set tried = (best.pair_cost * 2.0 ** power) | round | int -%}
            {%- do pair_costs.append([1, [run.graph.highest_pair_cost, tried] | min] | max) -%}
        {%- endfor -%}
        {%- set unsettled = run_query(unsettled_producers(tables, pair_costs | unique | list, guess)).rows -%}
        {%- set best.pair_cost = unsettled[0]['pair_cost'] | int -%}
    {%- endfor -%}
    {{ return(best.pair_cost) }}
{% endmacro %}


{% macro unsettled_producers(tables, pair_costs, guess) %}
{%- set levels = [
    ('producer', tables.state, tables.edges),
    ('community', tables.group_state, tables.group_edges)
] -%}
with

pair_costs as (
    {% for pair_cost in pair_costs -%}
    select cast({{ pair_cost }} as int64) as pair_cost
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
),

communities as (select label, count(*) as member_count from {{ tables.state }} group by label),

movers as (
    {% for level, state, edges in levels -%}
    select
        '{{ level }}' as level_name,
        group_position,
        label,
        producer_count

    from {{ state }}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
),

links as (
    {% for level, state, edges in levels -%}
    select
        '{{ level }}' as level_name,
        edges.group_position,
        neighbors.label,
        edges.linked_units,
        edges.link_count

    from {{ edges }} as edges

    inner join {{ state }} as neighbors on edges.neighbor_position = neighbors.group_position

    union all

    {% endfor -%}
    select level_name, group_position, label, 0 as linked_units, 0 as link_count

    from movers
),

candidates as (
    select
        level_name,
        group_position,
        label,
        cast(sum(linked_units) as int64) as linked_units,
        cast(sum(link_count) as int64) as link_count

    from links

    group by level_name, group_position, label
),

candidate_sizes as (
    select
        candidates.level_name,
        candidates.group_position,
        candidates.linked_units,
        candidates.link_count,
        movers.producer_count,
        candidates.label = movers.label as is_current,
        case
            when candidates.label = movers.label then communities.member_count - movers.producer_count
            else communities.member_count
        end as joined_count

    from candidates

    inner join movers
        on
            candidates.level_name = movers.level_name
            and candidates.group_position = movers.group_position

    inner join communities on candidates.label = communities.label
),

gains as (
    select
        candidate_sizes.level_name,
        candidate_sizes.group_position,
        candidate_sizes.producer_count,
        candidate_sizes.is_current,
        pair_costs.pair_cost,
        candidate_sizes.linked_units + pair_costs.pair_cost * candidate_sizes.link_count
        - {{ exact_cost_of_pairs('pair_costs.pair_cost', 'candidate_sizes.producer_count', 'candidate_sizes.joined_count') }} as gain

    from candidate_sizes

    cross join pair_costs
),

{# Being alone is worth nothing, so a mover that loses where it is would gain by leaving. -#}
best_gains as (
    select
        level_name,
        group_position,
        producer_count,
        pair_cost,
        max(case when is_current then gain end) as current_gain,
        max(case when is_current then 0 else gain end) as best_other_gain

    from gains

    group by level_name, group_position, producer_count, pair_cost
),

unsettled_counts as (
    select
        pair_cost,
        cast(sum(case when best_other_gain > current_gain then producer_count else 0 end) as int64) as unsettled_count

    from best_gains

    group by pair_cost
)

select * from unsettled_counts

order by unsettled_count,
    abs(ln(pair_cost / {{ guess }})),
    pair_cost
{% endmacro %}


{% macro community_facts(tables, pair_cost) %}
    {%- set facts_sql -%}
    with

    inside_edges as (
        {{ community_inside_edges(tables.edges, tables.state) | indent(8) }}
    ),

    inside_totals as (
        select
            cast(coalesce(sum(linked_units), 0) as int64) as inside_units,
            cast(coalesce(sum(link_count), 0) as int64) as inside_links

        from inside_edges
    ),

    communities as (select label, count(*) as member_count from {{ tables.state }} group by label),

    community_totals as (
        select
            cast(coalesce(sum(member_count * (member_count - 1)), 0) as int64) as inside_pairs,
            count(case when member_count > 1 then 1 end) as community_count,
            coalesce(max(member_count), 0) as largest_count

        from communities
    )

    select
        inside_totals.inside_units, inside_totals.inside_links, community_totals.inside_pairs, community_totals.community_count,
        community_totals.largest_count

    from inside_totals

    cross join community_totals
    {%- endset -%}

    {%- set row = run_query(facts_sql).rows[0] -%}
    {#- Both directions of an edge and of a pair are counted. -#}
    {%- set unlinked_pairs = row['inside_pairs'] | int - row['inside_links'] | int -%}
    {{ return({
        'pair_cost': pair_cost,
        'objective': (row['inside_units'] | int - pair_cost * unlinked_pairs) // 2,
        'found': row['community_count'] | int,
        'largest': row['largest_count'] | int
    }) }}
{% endmacro %}


{% macro copy_community_state(from_state, to_state) %}
    {%- do create_scratch_table_as(to_state, 'select * from ' ~ from_state) -%}
{% endmacro %}
