{# The four scores of SimClusters-ANN, from a dot product and the squared norms of both sides. Null when a norm is 0. #}
{% macro ann_score(algorithm, dot_product, source_squared_norm, tweet_squared_norm) -%}
    case {{ algorithm }}
        when 'dot_product' then {{ dot_product }}
        when 'cosine' then {{ dot_product }} / nullif(sqrt({{ source_squared_norm }}) * sqrt({{ tweet_squared_norm }}), 0)
        when 'cosine_without_source_norm' then {{ dot_product }} / nullif(sqrt({{ tweet_squared_norm }}), 0)
        when 'log_cosine'
            then {{ dot_product }} / nullif(({{ log_one_plus(source_squared_norm) }}) * ({{ log_one_plus(tweet_squared_norm) }}), 0)
    end
{%- endmacro %}


{#
    The columns of U = A V for one consumer and community. They add up the consumer's edges in `graph` (rows of user_user_graph), each times
    the membership of the producer. `proof_count` counts the producers behind the score; a membership of 0 counts too.
#}
{% macro interest_sums(graph, membership_score) -%}
        cast(sum(case when {{ graph }}.is_followed then {{ membership_score }} else 0.0 end) as float64) as follow_score,
        {% for score in ['follow_score_producer_normalized', 'fav_score', 'fav_score_producer_normalized', 'log_fav_score'] -%}
        cast(sum({{ graph }}.{{ score }} * {{ membership_score }}) as float64) as {{ score }},
        {% endfor -%}
        count(case when {{ graph }}.is_followed then 1 end) as followed_producer_count,
        count(case when {{ graph }}.fav_score > 0 then 1 end) as faved_producer_count,
        count(case when {{ graph }}.is_followed or {{ graph }}.fav_score > 0 then 1 end) as proof_count
{%- endmacro %}


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
