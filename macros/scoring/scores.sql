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
        recipes        candidate_type, neighbor_share, `people_share`, is_joined
        asked_lists    candidate_type, consumer_id, list_kind, list_id, lookup_weight
        lists          candidate_type, list_kind, list_group, list_id, `item_weight`

    What all lists of a consumer can give is 100 points. So all kinds of list are on one scale, whatever their weights are.
#}
{% macro candidate_lookups(people_kind, people_share, item_weight) -%}
list_weights as (
    select candidate_type, list_kind, list_group, list_id, sum({{ item_weight }}) as list_weight

    from lists

    group by candidate_type, list_kind, list_group, list_id
),

scaled_lists as (
    select
        asked_lists.candidate_type,
        asked_lists.consumer_id,
        asked_lists.list_kind,
        list_weights.list_group,
        asked_lists.list_id,
        asked_lists.lookup_weight,
        recipes.is_joined,
        100 * case asked_lists.list_kind
            when '{{ people_kind }}' then recipes.{{ people_share }}
            when 'cluster' then (1 - recipes.{{ people_share }}) * (1 - recipes.neighbor_share)
            else (1 - recipes.{{ people_share }}) * recipes.neighbor_share
        end * asked_lists.lookup_weight
        / nullif(
            sum(asked_lists.lookup_weight * list_weights.list_weight)
                over (partition by asked_lists.candidate_type, asked_lists.consumer_id, asked_lists.list_kind), 0
        ) as scaled_weight

    from asked_lists

    inner join recipes on asked_lists.candidate_type = recipes.candidate_type

    inner join list_weights
        on asked_lists.candidate_type = list_weights.candidate_type
            and asked_lists.list_kind = list_weights.list_kind
            and asked_lists.list_id = list_weights.list_id
),

lookups as (
    select
        candidate_type,
        consumer_id,
        list_kind,
        list_group,
        list_id,
        cast(case when is_joined then scaled_weight else lookup_weight end as float64) as lookup_weight

    from scaled_lists

    where not is_joined or scaled_weight > 0
)
{%- endmacro %}


{#
    The model has CTEs
        candidates     candidate_type, consumer_id, `item`, candidate_rank, `score`
        lookups        candidate_type, consumer_id, list_kind, list_group, list_id, lookup_weight
        lists          list_group, list_id, `item`, `item_weight`
        clusters       cluster_id, cluster_name
    and, where `named_lists` is given, it: list_kind, list_id, list_name, of the lists that no community has.
#}
{% macro candidate_explanations(item, score, lookup_weight, item_weight, named_lists, default_name) -%}
explanations as (
    select
        candidates.candidate_type,
        candidates.consumer_id,
        candidates.{{ item }},
        candidates.candidate_rank,
        lookups.list_kind,
        lookups.list_id,
        case when lookups.list_kind = 'cluster' then lookups.list_id end as cluster_id,
        clusters.cluster_name,
        case
            when lookups.list_kind = 'cluster' then clusters.cluster_name
            else coalesce({{ named_lists }}.list_name, {{ default_name }})
        end as because_of,
        lookups.lookup_weight as {{ lookup_weight }},
        lists.{{ item_weight }},
        {#- A score has ten decimals, so one contribution alone may be a little more. #}
        case
            when lookups.lookup_weight * lists.{{ item_weight }} > candidates.{{ score }} then 1.0
            else lookups.lookup_weight * lists.{{ item_weight }} / nullif(candidates.{{ score }}, 0)
        end as contribution_share

    from candidates

    inner join lookups
        on candidates.candidate_type = lookups.candidate_type
            and candidates.consumer_id = lookups.consumer_id

    inner join lists
        on lookups.list_group = lists.list_group
            and lookups.list_id = lists.list_id
            and candidates.{{ item }} = lists.{{ item }}

    left join clusters
        on lookups.list_id = clusters.cluster_id
            and lookups.list_kind = 'cluster'

    left join {{ named_lists }}
        on lookups.list_kind = {{ named_lists }}.list_kind
            and lookups.list_id = {{ named_lists }}.list_id
)
{%- endmacro %}
