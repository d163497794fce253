{# `proof_count` counts the producers behind the score; a membership of 0 counts too. #}
{% macro interest_sums(graph, membership_score) -%}
        cast({{ rounded_score('sum(case when ' ~ graph ~ '.is_followed then ' ~ membership_score ~ ' else 0.0 end)') }} as float64) as follow_score,
        {% for score in ['follow_score_producer_normalized', 'fav_score', 'fav_score_producer_normalized', 'log_fav_score'] -%}
        cast({{ rounded_score('sum(' ~ graph ~ '.' ~ score ~ ' * ' ~ membership_score ~ ')') }} as float64) as {{ score }},
        {% endfor -%}
        count(case when {{ graph }}.is_followed then 1 end) as followed_producer_count,
        count(case when {{ graph }}.fav_score > 0 then 1 end) as faved_producer_count,
        count(case when {{ graph }}.is_followed or {{ graph }}.fav_score > 0 then 1 end) as proof_count
{%- endmacro %}


{#
    Whether enough producers of a community are followed or faved, of `proof_count`. With auto these are 2. Who follows two producers or more, but no
    two of one community, is interested in the community of each.
#}
{% macro where_proven(asked) -%}
    {%- if asked == 'auto' -%}
        qualify proof_count >= least(2, max(proof_count) over (partition by consumer_id))
            and sum(proof_count) over (partition by consumer_id) >= 2
    {%- else -%}
        where proof_count >= {{ asked }}
    {%- endif -%}
{%- endmacro %}


{% macro interest_scores() %}
    {{- return({
        'follow_score': 'follow_score_cluster_normalized',
        'follow_score_producer_normalized': 'follow_score_cluster_and_producer_normalized',
        'fav_score': 'fav_score_cluster_normalized',
        'fav_score_producer_normalized': 'fav_score_cluster_and_producer_normalized',
        'log_fav_score': 'log_fav_score_cluster_normalized',
    }) -}}
{% endmacro %}


{% macro interest_norms() -%}
        {% for score in interest_scores() -%}
        sqrt(sum({{ score }} * {{ score }})) as {{ score }}_norm,
        {% endfor -%}
        count(*) as interested_consumer_count
{%- endmacro %}


{% macro normalized_interest_scores() -%}
        {% for score, normalized_column in interest_scores().items() -%}
        scores.{{ score }},
        coalesce({{ rounded_score('scores.' ~ score ~ ' / nullif(norms.' ~ score ~ '_norm, 0)') }}, 0.0) as {{ normalized_column }},
        {% endfor -%}
        scores.followed_producer_count,
        scores.faved_producer_count,
        norms.interested_consumer_count
{%- endmacro %}


{% macro interest_order() %}
    {{- return(['first_score', 'log_fav_score', 'follow_score', 'follow_score_producer_normalized']) -}}
{% endmacro %}


{#
    For a model that has CTEs
        cluster_scores      consumer_id, cluster_id, interest_scores(), followed_producer_count, faved_producer_count, first_score (ranks
                            before the others), clusters_per_consumer
        cluster_norms       cluster_id, interest_norms()
        opted_out_clusters  user_id, cluster_id
    Opt-outs come after norms and cut, so an opt-out changes nobody else's scores.
#}
{% macro best_interests(types=[]) -%}
{%- set first_columns = types + ['consumer_id', 'cluster_id'] -%}
{%- set last_columns = ['followed_producer_count', 'faved_producer_count', 'interested_consumer_count'] -%}
normalized_scores as (
    select
        {% for column in first_columns -%}
        scores.{{ column }},
        {% endfor -%}
        {{ normalized_interest_scores() }},
        scores.first_score,
        scores.clusters_per_consumer

    from cluster_scores as scores

    inner join cluster_norms as norms
        on {% for column in types + ['cluster_id'] %}{{ '\n            and ' if not loop.first }}scores.{{ column }} = norms.{{ column }}{% endfor %}
),

best_clusters as (
    select
        {{ (first_columns + (interest_scores().items() | sum(start=())) | list + last_columns) | join(',\n        ') }},
        {{ rank_per(types + ['consumer_id'], interest_order(), 'cluster_id') }} as rank_before_opt_outs

    from normalized_scores

    qualify rank_before_opt_outs <= clusters_per_consumer
),

kept_clusters as (
    select
        best_clusters.{{ first_columns | join(',\n        best_clusters.') }},
        row_number() over (
            partition by best_clusters.{{ (types + ['consumer_id']) | join(', best_clusters.') }}
            order by best_clusters.rank_before_opt_outs
        ) as cluster_rank,
        best_clusters.{{ ((interest_scores().items() | sum(start=())) | list + last_columns) | join(',\n        best_clusters.') }}

    from best_clusters

    left join opted_out_clusters
        on best_clusters.consumer_id = opted_out_clusters.user_id
            and best_clusters.cluster_id = opted_out_clusters.cluster_id

    where opted_out_clusters.user_id is null
)
{%- endmacro %}


{#
    The ranks of best_interests; what is cut or opted out of has none. For a model that has CTEs
        proven_scores       as cluster_scores above, with the types and groups
        opted_out_clusters  user_id, cluster_id
#}
{% macro ranked_interests(types, groups) -%}
{%- set columns = types + ['consumer_id', 'cluster_id'] -%}
{%- set last_columns = (interest_scores() | list) + ['followed_producer_count', 'faved_producer_count'] -%}
{%- set order = ordered_per(groups, interest_order(), 'cluster_id') -%}
marked_scores as (
    select
        scores.{{ ((groups + columns) | unique | list + last_columns) | join(',\n        scores.') }},
        scores.first_score,
        scores.clusters_per_consumer,
        case when opted_out_clusters.user_id is not null then 1 else 0 end as opt_out_count

    from proven_scores as scores

    left join opted_out_clusters
        on scores.consumer_id = opted_out_clusters.user_id
            and scores.cluster_id = opted_out_clusters.cluster_id
),

placed_scores as (
    select
        {{ (columns + last_columns) | join(',\n        ') }},
        clusters_per_consumer,
        opt_out_count,
        row_number() over ({{ order }}) as place,
        sum(opt_out_count) over ({{ order }} rows unbounded preceding) as opt_out_total

    from marked_scores
),

ranked_scores as (
    select
        {{ columns | join(',\n        ') }},
        case when place <= clusters_per_consumer and opt_out_count = 0 then cast(place - opt_out_total as int64) end as cluster_rank,
        {{ last_columns | join(',\n        ') }}

    from placed_scores
)
{%- endmacro %}
