{% set scores = [
    'follow_score', 'follow_score_producer_normalized',
    'fav_score', 'fav_score_producer_normalized',
    'log_fav_score',
] %}
{% set normalized = {
    'follow_score': 'follow_score_cluster_normalized',
    'follow_score_producer_normalized': 'follow_score_cluster_and_producer_normalized',
    'fav_score': 'fav_score_cluster_normalized',
    'fav_score_producer_normalized': 'fav_score_cluster_and_producer_normalized',
    'log_fav_score': 'log_fav_score_cluster_normalized',
} %}

with

recipes as (

    select
        interest_type,
        ranks_by_favs,
        clusters_per_consumer

    from {{ ref('interest_recipes') }}

),

consumer_cluster_scores as (

    select
        interest_type,
        consumer_id,
        cluster_id,
        {{ scores | join(',\n        ') }},
        followed_producer_count,
        faved_producer_count

    from {{ ref('int_interest_variant_scores') }}

),

{# Over every proven consumer, before the cut to the best clusters of each. #}
cluster_norms as (

    select
        interest_type,
        cluster_id,
        count(*) as interested_consumer_count
        {%- for score in scores %},
        sqrt(sum({{ score }} * {{ score }})) as {{ score }}_norm
        {%- endfor %}

    from consumer_cluster_scores

    group by
        interest_type,
        cluster_id

),

normalized_scores as (

    select
        scores.interest_type,
        scores.consumer_id,
        scores.cluster_id,
        {%- for score in scores %}
        scores.{{ score }},
        coalesce(scores.{{ score }} / nullif(norms.{{ score }}_norm, 0), 0.0) as {{ normalized[score] }},
        {%- endfor %}
        scores.followed_producer_count,
        scores.faved_producer_count,
        norms.interested_consumer_count,
        recipes.clusters_per_consumer,
        case when recipes.ranks_by_favs then scores.fav_score else 0.0 end as first_score

    from consumer_cluster_scores as scores

    inner join cluster_norms as norms
        on scores.interest_type = norms.interest_type
            and scores.cluster_id = norms.cluster_id

    inner join recipes
        on scores.interest_type = recipes.interest_type

),

ranked_clusters as (

    select
        interest_type,
        consumer_id,
        cluster_id,
        {{ rank_per(
            ['interest_type', 'consumer_id'],
            [
                'first_score', 'log_fav_score', 'follow_score', 'log_fav_score_cluster_normalized',
                'follow_score_producer_normalized',
            ],
            'cluster_id'
        ) }} as cluster_rank,
        {%- for score in scores %}
        {{ score }},
        {{ normalized[score] }},
        {%- endfor %}
        followed_producer_count,
        faved_producer_count,
        interested_consumer_count,
        clusters_per_consumer

    from normalized_scores

),

kept_clusters as (

    select
        interest_type,
        consumer_id,
        cluster_id,
        cluster_rank,
        {%- for score in scores %}
        {{ score }},
        {{ normalized[score] }},
        {%- endfor %}
        followed_producer_count,
        faved_producer_count,
        interested_consumer_count

    from ranked_clusters

    where cluster_rank <= clusters_per_consumer

)

select * from kept_clusters
