{% macro ann_norms(algorithm, source_squared_norm, tweet_squared_norm) -%}
    case {{ algorithm }}
        when 'dot_product' then 1.0
        when 'cosine_without_source_norm' then 1.0
        when 'log_cosine' then {{ log_one_plus(source_squared_norm) }}
        else sqrt({{ source_squared_norm }})
    end * case
        when {{ algorithm }} = 'dot_product' then 1.0
        when {{ algorithm }} in ('log_cosine', 'log_cosine_by_source_norm') then {{ log_one_plus(tweet_squared_norm) }}
        else sqrt({{ tweet_squared_norm }})
    end
{%- endmacro %}


{# Squared, a neighbour at 0.10 says more than twice as much as one at 0.05. #}
{% macro community_edge_weight(cosine_similarity, weighting) -%}
    {%- if weighting == 'squared' -%}
        10 * {{ cosine_similarity }} * {{ cosine_similarity }}
    {%- elif weighting == 'cosine' -%}
        {{ cosine_similarity }}
    {%- else -%}
        {{ exceptions.raise_compiler_error("var community_edge_weight is '" ~ weighting ~ "'; it can be 'cosine' or 'squared'.") }}
    {%- endif -%}
{%- endmacro %}


{#
    Each engagement adds the interests of its user, which fade with its age. The model has CTEs
        as_of             as_of
        recipes           `name`, pair_name, consumer_score, half_life_hours, `recipe_columns`
        accepted_tweets   `name`, tweet_id
        engagement_pairs  pair_name, user_id, tweet_id, engaged_at
        consumer_scores   consumer_score, consumer_id, cluster_id, interested_in_score_cluster_normalized
#}
{% macro faded_tweet_scores(name, recipe_columns) -%}
{%- set key_columns -%}
        recipes.{{ name }},
        engagement_pairs.tweet_id,
        consumer_scores.cluster_id,
        recipes.{{ recipe_columns | join(',\n        recipes.') }}
{%- endset -%}
tweet_scores as (
    select
        {{ key_columns }},
        count(*) as engagement_count,
        cast(sum(
            consumer_scores.interested_in_score_cluster_normalized
            * {{ half_life_decay('engagement_pairs.engaged_at', 'as_of.as_of', 'recipes.half_life_hours') }}
        ) as float64) as tweet_score

    from recipes

    cross join as_of
    inner join accepted_tweets on recipes.{{ name }} = accepted_tweets.{{ name }}

    inner join engagement_pairs
        on recipes.pair_name = engagement_pairs.pair_name
            and accepted_tweets.tweet_id = engagement_pairs.tweet_id

    inner join consumer_scores
        on recipes.consumer_score = consumer_scores.consumer_score
            and engagement_pairs.user_id = consumer_scores.consumer_id

    group by {{ key_columns }}
)
{%- endmacro %}


{#
    The model has CTEs
        candidates         candidate_type, consumer_id, `item`, candidate_rank, `score`
        interests          candidate_type, consumer_id, cluster_id, `interest_weight`
        item_weights       candidate_type, `item`, cluster_id, `item_weight`
        clusters           cluster_id, cluster_name
#}
{% macro candidate_explanations(item, score, interest_weight, item_weight) -%}
explanations as (
    select
        candidates.candidate_type,
        candidates.consumer_id,
        candidates.{{ item }},
        candidates.candidate_rank,
        interests.cluster_id,
        clusters.cluster_name,
        interests.{{ interest_weight }},
        item_weights.{{ item_weight }},
        interests.{{ interest_weight }} * item_weights.{{ item_weight }} / nullif(candidates.{{ score }}, 0) as contribution_share

    from candidates

    inner join interests
        on candidates.candidate_type = interests.candidate_type
            and candidates.consumer_id = interests.consumer_id

    inner join item_weights
        on candidates.candidate_type = item_weights.candidate_type
            and candidates.{{ item }} = item_weights.{{ item }}
            and interests.cluster_id = item_weights.cluster_id

    left join clusters on interests.cluster_id = clusters.cluster_id
)
{%- endmacro %}
