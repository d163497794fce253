with

recipes as (select interest_type, ranks_by_favs, clusters_per_consumer from {{ ref('interest_recipes') }}),
tied_scores as (
    select interest_type, consumer_id, cluster_id, {{ interest_scores() | join(', ') }}, followed_producer_count, faved_producer_count
    from {{ ref('int_interest_variant_scores') }} where is_tied
),
cluster_norms as (
    select
        interest_type, cluster_id, interested_consumer_count,
        {{ interest_scores() | join('_norm, ') }}_norm
    from {{ ref('int_interest_cluster_norms') }}
),
opted_out_clusters as (select user_id, cluster_id from {{ ref('opted_out_clusters') }} where opt_out_kind = 'interested_in'),

cluster_scores as (
    select
        scores.interest_type,
        scores.consumer_id,
        scores.cluster_id,
        scores.{{ interest_scores() | join(',\n        scores.') }},
        scores.followed_producer_count,
        scores.faved_producer_count,
        case when recipes.ranks_by_favs then scores.fav_score else 0.0 end as first_score,
        recipes.clusters_per_consumer

    from tied_scores as scores

    inner join recipes on scores.interest_type = recipes.interest_type
),

{{ best_interests(types=['interest_type']) }},

tie_ranks as (select interest_type, consumer_id, cluster_id, cluster_rank from kept_clusters)

select * from tie_ranks
