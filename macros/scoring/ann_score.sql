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
