{% macro score_named(name, columns) -%}
    case {{ name }}
        {%- for value, column in columns.items() %}
        when '{{ value }}' then {{ column }}
        {%- endfor %}
    end
{%- endmacro %}


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


{#
    Each engagement adds the interests of its user, which fade with its age. The model has CTEs
        as_of             as_of
        recipes           recipe_number, pair_name, consumer_score, half_life_hours
        accepted_tweets   recipe_number, tweet_id
        engagement_pairs  pair_name, user_id, tweet_id, engaged_at
        consumer_scores   consumer_score, consumer_id, cluster_id, interested_in_score_cluster_normalized

    A number stands for the recipe, because a name would be held and compared for every row.
#}
{% macro faded_tweet_scores() -%}
tweet_scores as (
    select
        recipes.recipe_number,
        engagement_pairs.tweet_id,
        consumer_scores.cluster_id,
        count(*) as engagement_count,
        cast(sum(
            consumer_scores.interested_in_score_cluster_normalized
            * {{ half_life_decay('engagement_pairs.engaged_at', 'as_of.as_of', 'recipes.half_life_hours') }}
        ) as float64) as tweet_score

    from recipes

    cross join as_of
    inner join accepted_tweets on recipes.recipe_number = accepted_tweets.recipe_number

    inner join engagement_pairs
        on recipes.pair_name = engagement_pairs.pair_name
            and accepted_tweets.tweet_id = engagement_pairs.tweet_id

    inner join consumer_scores
        on recipes.consumer_score = consumer_scores.consumer_score
            and engagement_pairs.user_id = consumer_scores.consumer_id

    group by recipes.recipe_number, engagement_pairs.tweet_id, consumer_scores.cluster_id
)
{%- endmacro %}


{#
    The model has CTEs
        recipes        recipe_number, neighbor_share, `people_share`, is_joined, is_for_comparison
        asked_lists    list_group, consumer_id, list_id, asked_weight
        lists          list_group, list_id, `item_weight`

    What all lists of a consumer can give is 100 points. So all kinds of list are on one scale, whatever their weights are.
#}
{% macro lookup_scales(people_share, item_weight) -%}
list_weights as (
    select list_group, list_id, sum({{ item_weight }}) as list_weight

    from lists

    group by list_group, list_id
),

totals as (
    select
        asked_lists.list_group,
        asked_lists.consumer_id,
        sum(asked_lists.asked_weight * list_weights.list_weight) as total_weight

    from asked_lists

    inner join list_weights
        on asked_lists.list_group = list_weights.list_group
            and asked_lists.list_id = list_weights.list_id

    group by asked_lists.list_group, asked_lists.consumer_id
),

scales as (
    select
        totals.list_group,
        totals.consumer_id,
        cast(
            case
                when recipes.is_joined
                    then 100 * case mod(totals.list_group, 3)
                        when 0 then (1 - recipes.{{ people_share }}) * (1 - recipes.neighbor_share)
                        when 1 then (1 - recipes.{{ people_share }}) * recipes.neighbor_share
                        else recipes.{{ people_share }}
                    end / nullif(totals.total_weight, 0)
                else 1.0
            end as float64
        ) as lookup_scale

    from totals

    inner join recipes on cast(floor(totals.list_group / 3) as int64) = recipes.recipe_number

    where {{ is_recipe_for('totals.consumer_id', 'recipes.is_for_comparison', ref('int_graph_settings')) }}
),

kept_scales as (select list_group, consumer_id, lookup_scale from scales where lookup_scale > 0)
{%- endmacro %}


{#
    The model has CTEs
        candidates       candidate_type, consumer_id, `item`, candidate_rank, `score`
        named_lookups    candidate_type, consumer_id, list_kind, list_group, list_id, cluster_name, because_of, lookup_weight
        lists            list_group, list_id, `item`, `item_weight`

    Lookups have their names before the join with lists. They are few, so a warehouse reads no more names than it needs.
#}
{% macro candidate_explanations(item, score, lookup_weight, item_weight) -%}
explanations as (
    select
        candidates.candidate_type,
        candidates.consumer_id,
        candidates.{{ item }},
        candidates.candidate_rank,
        lookups.list_kind,
        lookups.list_id,
        case when lookups.list_kind = 'cluster' then lookups.list_id end as cluster_id,
        lookups.cluster_name,
        lookups.because_of,
        lookups.lookup_weight as {{ lookup_weight }},
        lists.{{ item_weight }},
        {#- A score has ten decimals, so one contribution alone may be a little more. #}
        case
            when lookups.lookup_weight * lists.{{ item_weight }} > candidates.{{ score }} then 1.0
            else lookups.lookup_weight * lists.{{ item_weight }} / nullif(candidates.{{ score }}, 0)
        end as contribution_share

    from candidates

    inner join named_lookups as lookups
        on candidates.candidate_type = lookups.candidate_type
            and candidates.consumer_id = lookups.consumer_id

    inner join lists
        on lookups.list_group = lists.list_group
            and lookups.list_id = lists.list_id
            and candidates.{{ item }} = lists.{{ item }}
)
{%- endmacro %}


{#
    The model has CTEs
        asked_lists    candidate_type, consumer_id, list_kind, list_group, list_id, asked_weight
        scales         list_group, consumer_id, lookup_scale
#}
{% macro scaled_lookups() -%}
lookups as (
    select
        asked_lists.candidate_type,
        asked_lists.consumer_id,
        asked_lists.list_kind,
        asked_lists.list_group,
        asked_lists.list_id,
        asked_lists.asked_weight * scales.lookup_scale as lookup_weight

    from asked_lists

    inner join scales
        on asked_lists.list_group = scales.list_group
            and asked_lists.consumer_id = scales.consumer_id
)
{%- endmacro %}
