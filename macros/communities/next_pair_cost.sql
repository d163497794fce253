{# The next pair cost of the search in fit_communities: between the two sides, or a step beyond the one that is known. #}
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

    {%- set known = coarse or fine -%}
    {%- set ratio = k / [1, known.found] | max if coarse else known.found / k -%}
    {%- set step = [8.0, [1.1, ratio ** (1.4 * probe_number)] | max] | min -%}
    {%- if coarse -%}
        {{ return([highest_pair_cost, [coarse.pair_cost + 1, (coarse.pair_cost * step) | int] | max] | min) }}
    {%- endif -%}
    {{ return([1, [fine.pair_cost - 1, (fine.pair_cost / step) | int] | min] | max) }}
{% endmacro %}
