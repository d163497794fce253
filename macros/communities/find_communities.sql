{# From the start of a run to its last state, in `tables.state`: the sweeps, and the community moves if they are asked for. #}
{% macro find_communities(tables, settings, edge_count, unit_count) %}
    {%- set run = {
        'tables': tables,
        'blocks': settings.blocks,
        'seed_key': scrambled(settings.seed % 2147483648),
        'epoch': 0
    } -%}
    {%- set graph = community_graph_facts(tables.producers, tables.edges) -%}
    {%- set mean_units = [1, unit_count // [1, edge_count] | max] | max -%}
    {%- set asked_weight = settings.true_positive_weight -%}
    {%- if asked_weight == 0 -%}
        {#- A producer with a quarter of its links in a community of twice the mean size breaks even. -#}
        {%- set quarter_links = [1, edge_count] | max / (2 * [1, graph.producer_count] | max) -%}
        {%- set quarter_weight = (2 * graph.producer_count / settings.communities_k - 1 - quarter_links) / quarter_links -%}
        {%- set asked_weight = [0.3, quarter_weight] | max -%}
    {%- endif -%}
    {%- set pair_cost = [1, (mean_units / asked_weight) | round(0, 'floor') | int] | max -%}
    {%- set exact_pair_cost = 2 ** 61 // [1, graph.producer_count, 2 * edge_count] | max - 1 -%}
    {%- if pair_cost > exact_pair_cost -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ': meta.true_positive_weight ' ~ settings.true_positive_weight ~ ' is too small for a graph of this size'
        ) }}
    {%- endif -%}

    {%- set temperatures = [] -%}
    {%- for epoch in range(settings.epochs) -%}
        {%- do temperatures.append(
            (mean_units * settings.start_temperature * settings.cooling_ratio ** epoch) | round(0, 'floor') | int
        ) -%}
    {%- endfor -%}
    {%- if not settings.community_moves or not graph.is_warm -%}
        {%- do run_community_epochs(run, tables.state, tables.edges, temperatures, pair_cost, run.blocks) -%}
    {%- endif -%}

    {%- if not settings.community_moves -%}
        {%- do run_community_epochs(run, tables.state, tables.edges, [0] * settings.greedy_epochs, pair_cost, run.blocks) -%}
    {%- elif graph.producer_count > 0 -%}
        {%- if settings.true_positive_weight > 0 -%}
            {%- set facts = settle_communities(run, pair_cost) -%}
            {%- do facts.update({'reason': 'the resolution was given'}) -%}
        {%- else -%}
            {%- set k = settings.communities_k -%}
            {%- set largest = [2, (graph.producer_count * [0.05, 3 / k] | max) | int] | max -%}
            {%- set highest_pair_cost = [graph.largest_units * graph.largest_degree, exact_pair_cost] | min -%}
            {%- set pair_cost = [pair_cost, highest_pair_cost] | min -%}
            {%- if graph.is_warm -%}
                {%- set pair_cost = most_settled_pair_cost(run, pair_cost, highest_pair_cost) -%}
            {%- endif -%}
            {%- set facts = fit_communities(run, pair_cost, k, largest, highest_pair_cost, graph.is_warm) -%}
        {%- endif -%}
        {%- if graph.is_warm -%}
            {%- do keep_community_ids(run) -%}
        {%- endif -%}
        {{ log(
            model.name ~ ': ' ~ facts.found ~ ' communities of ' ~ graph.producer_count ~ ' producers, the largest of '
            ~ facts.largest ~ ', pair cost ' ~ facts.pair_cost ~ ' of ' ~ mean_units ~ ', objective ' ~ facts.objective
            ~ '; ' ~ facts.reason,
            info=True
        ) }}
    {%- endif -%}
{% endmacro %}
