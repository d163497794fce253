{#
    Runs one epoch per temperature, `blocks` statements each; epochs at temperature 0 end when one moves nobody.
    `run` is the run's tables, settings and counters, see community_sweeps.
#}
{% macro run_community_epochs(run, state, edges, temperatures, pair_cost, blocks, of_whole_groups=false) %}
    {%- for temperature in temperatures -%}
        {%- do run.update({'epoch': run.epoch + 1}) -%}
        {%- set epoch_key = scrambled(xored(run.seed_key, run.epoch)) -%}
        {%- for block in range(blocks) -%}
            {%- do run_query(create_scratch_table_as(state, community_half_step_sql(
                state, edges, epoch_key, block, blocks, temperature, pair_cost, of_whole_groups
            ))) -%}
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
