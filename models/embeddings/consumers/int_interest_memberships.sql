with

recipes as (select interest_type, membership_type, is_log_normalized, clusters_per_producer from {{ ref('interest_recipes') }}),

known_for as (
    select
        producer_id,
        cluster_id,
        case when known_for_score > 0 then known_for_score else 0.0 end as known_for_score

    from {{ ref('known_for') }}
),

producer_embeddings as (select embedding_type, producer_id, cluster_id, producer_score from {{ ref('producer_embeddings') }}),

memberships as (
    select 'known_for' as membership_type, producer_id, cluster_id, known_for_score as membership_score from known_for
    union all
    select embedding_type as membership_type, producer_id, cluster_id, producer_score as membership_score from producer_embeddings
),

{# ln(1 + x), then norm 1 over all communities of the producer, before the cut to the best. #}
log_normalized_memberships as (
    select
        membership_type,
        producer_id,
        cluster_id,
        membership_score,
        ln(1 + membership_score)
        / nullif(
            sqrt(sum(ln(1 + membership_score) * ln(1 + membership_score)) over (partition by membership_type, producer_id)), 0
        ) as log_normalized_score

    from memberships
),

chosen_memberships as (
    select
        recipes.interest_type,
        memberships.producer_id,
        memberships.cluster_id,
        case when recipes.is_log_normalized then memberships.log_normalized_score else memberships.membership_score end
            as membership_score,
        recipes.clusters_per_producer

    from recipes

    inner join log_normalized_memberships as memberships on recipes.membership_type = memberships.membership_type
),

kept_memberships as (
    select interest_type, producer_id, cluster_id, membership_score

    from chosen_memberships

    qualify {{ top_k_per(['interest_type', 'producer_id'], 'membership_score', 'cluster_id', 'clusters_per_producer') }}
)

select * from kept_memberships
