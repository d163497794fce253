{% set scores = [
    'follow_score', 'follow_score_producer_normalized', 'fav_score', 'fav_score_producer_normalized', 'log_fav_score',
] %}

with

consumer_cluster_scores as (

    select
        interest_type,
        cluster_id,
        {{ scores | join(',\n        ') }}

    from {{ ref('int_interest_variant_scores') }}

),

cluster_norms as (

    select
        interest_type,
        cluster_id,
        {% for score in scores -%}
        sqrt(sum({{ score }} * {{ score }})) as {{ score }}_norm,
        {% endfor -%}
        count(*) as interested_consumer_count

    from consumer_cluster_scores

    group by interest_type, cluster_id

)

select * from cluster_norms
