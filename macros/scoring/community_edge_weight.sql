{#
    The weight of a similarity edge when communities are found. `squared` is 10 * cosine^2: a neighbour at 0.10 says more than twice as much
    as one at 0.05.
#}
{% macro community_edge_weight(cosine_similarity, weighting) -%}
    {%- if weighting == 'squared' -%}
        10 * {{ cosine_similarity }} * {{ cosine_similarity }}
    {%- elif weighting == 'cosine' -%}
        {{ cosine_similarity }}
    {%- else -%}
        {{ exceptions.raise_compiler_error("var community_edge_weight is '" ~ weighting ~ "'; it can be 'cosine' or 'squared'.") }}
    {%- endif -%}
{%- endmacro %}
