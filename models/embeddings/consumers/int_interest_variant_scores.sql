{{ config(
    materialized = 'kernel_table' if runs_kernel('products') else 'bucketed_table',
    cluster_by = ['consumer_id', 'interest_type', 'cluster_id'],
    meta = {'minimum_social_proof': 2 if var('minimum_social_proof') == 'auto' else var('minimum_social_proof')}
) }}

{% set minimum_social_proof = 2 if var('minimum_social_proof') == 'auto' else var('minimum_social_proof') %}

{# Each edge of a consumer meets every membership of its producer. #}
{{ buckets_by_join(ref('user_user_graph'), 'consumer_id', ref('int_interest_memberships'), on=['producer_id']) }}

with

recipes as (
    select
        interest_type,
        row_number() over (order by interest_type) as recipe_number,
        counts_follows_and_favs,
        ranks_by_favs,
        clusters_per_consumer

    from {{ ref('interest_recipes') }}
),

user_user_graph as (
    select consumer_id, producer_id, is_followed, follow_score_producer_normalized, fav_score, fav_score_producer_normalized, log_fav_score
    from {{ ref('user_user_graph') }}
),
memberships as (select interest_type, producer_id, cluster_id, membership_score from {{ ref('int_interest_memberships') }}),
{# Opt-outs hold for every variant; the original applies them to lite only. #}
opted_out_clusters as (select user_id, cluster_id from {{ ref('opted_out_clusters') }} where opt_out_kind = 'interested_in'),

{# The sums below group by a number, because they would compare a long text for every row they add. #}
numbered_memberships as (
    select recipes.recipe_number, memberships.producer_id, memberships.cluster_id, memberships.membership_score

    from memberships

    inner join recipes on memberships.interest_type = recipes.interest_type
),

cluster_scores as (
    select
        memberships.recipe_number,
        graph.consumer_id,
        memberships.cluster_id,
        {{ interest_sums('graph', 'memberships.membership_score') }}

    from user_user_graph as graph

    inner join numbered_memberships as memberships on graph.producer_id = memberships.producer_id

    where {{ bucket_filter('graph.consumer_id') }}

    group by memberships.recipe_number, graph.consumer_id, memberships.cluster_id
),

proven_scores as (
    select
        recipes.interest_type,
        cluster_scores.recipe_number,
        cluster_scores.consumer_id,
        cluster_scores.cluster_id,
        cluster_scores.{{ interest_scores() | join(',\n        cluster_scores.') }},
        cluster_scores.followed_producer_count,
        cluster_scores.faved_producer_count,
        case when recipes.ranks_by_favs then cluster_scores.fav_score else 0.0 end as first_score,
        recipes.clusters_per_consumer

    from cluster_scores

    inner join recipes on cluster_scores.recipe_number = recipes.recipe_number

    where
        case
            when recipes.counts_follows_and_favs
                then cluster_scores.followed_producer_count + cluster_scores.faved_producer_count
            else cluster_scores.proof_count
        end >= {{ minimum_social_proof }}
),

{{ ranked_interests(types=['interest_type'], groups=['recipe_number', 'consumer_id']) }}

select * from ranked_scores

{{ stored_in_order(['consumer_id', 'interest_type', 'cluster_id']) }}
