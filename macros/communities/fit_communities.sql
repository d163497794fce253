{#
    Searches the pair cost at which about k communities are found, as "The number of communities" of docs/community_detection.md says,
    and leaves the state there. Returns the facts of the result, with the `reason` of its number of communities.
#}
{% macro fit_communities(run, pair_cost, k, largest, highest_pair_cost, keeps_start) %}
    {%- set tolerance = 0.05 -%}
    {%- set tables = run.tables -%}
    {%- set search = namespace(pair_cost=pair_cost, coarse=none, fine=none, most=none, reason=none) -%}
    {%- if keeps_start -%}
        {%- do run_query(create_scratch_table_as(tables.start_state, community_copy_sql(tables.state))) -%}
    {%- endif -%}

    {%- for probe_number in range(1, 25) -%}
        {%- set probe = settle_communities(run, search.pair_cost) -%}
        {%- set has_giant = probe.largest > largest and probe.found < 4 * k -%}
        {{ log(
            model.name ~ ': probe ' ~ probe_number ~ ' at pair cost ' ~ probe.pair_cost ~ ' finds ' ~ probe.found
            ~ ' communities, the largest of ' ~ probe.largest
        ) }}
        {%- if search.most is none or probe.found > search.most.found -%}
            {%- set search.most = probe -%}
            {%- do run_query(create_scratch_table_as(tables.most_state, community_copy_sql(tables.state))) -%}
        {%- endif -%}

        {%- if probe.found < (1 - tolerance) * k or has_giant -%}
            {%- set search.coarse = probe -%}
            {%- if search.fine is none
                and (probe.pair_cost >= highest_pair_cost or probe.found < 0.9 * search.most.found) -%}
                {%- break -%}
            {%- endif -%}
        {%- elif probe.found <= (1 + tolerance) * k -%}
            {%- do probe.update({'reason': 'the count is met at probe ' ~ probe_number}) -%}
            {{ return(probe) }}
        {%- else -%}
            {%- set search.fine = probe -%}
            {%- do run_query(create_scratch_table_as(tables.fine_state, community_copy_sql(tables.state))) -%}
            {%- if probe.pair_cost == 1 -%}
                {%- break -%}
            {%- endif -%}
        {%- endif -%}

        {%- if search.coarse and search.fine and search.fine.pair_cost <= 1.01 * search.coarse.pair_cost + 1 -%}
            {%- break -%}
        {%- endif -%}
        {%- set search.pair_cost = next_pair_cost(search.coarse, search.fine, k, highest_pair_cost, probe_number) -%}
        {%- if keeps_start -%}
            {%- do run_query(create_scratch_table_as(tables.state, community_copy_sql(tables.start_state))) -%}
        {%- elif search.fine is not none -%}
            {%- do run_query(create_scratch_table_as(tables.state, community_copy_sql(tables.fine_state))) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- if search.fine is none -%}
        {%- do run_query(create_scratch_table_as(tables.state, community_copy_sql(tables.most_state))) -%}
        {%- do search.most.update({'reason': 'no pair cost tried gives more'}) -%}
        {{ return(search.most) }}
    {%- endif -%}
    {%- do run_query(create_scratch_table_as(tables.state, community_copy_sql(tables.fine_state))) -%}
    {%- set merged = merge_communities_down(run, k, largest, search.fine.pair_cost) -%}
    {%- do merged.update({'reason': 'the count jumps over k or a giant forms first, so ' ~ search.fine.found ~ ' were merged down'}) -%}
    {{ return(merged) }}
{% endmacro %}
